import type { InheritedSocket } from '../on-demand/socket-store.ts';
import type { Environment } from '../vassal/vassal-environment.ts';

/** The first descriptor that systemd passes (sd_listen_fds(3)). */
const FIRST_DESCRIPTOR = 3;

/** The sockets of a socket unit and of the descriptor store, with their names; none when they are meant for another process. */
export function listenFds(environment: Environment, pid: number): InheritedSocket[] {
  if (Number(environment['LISTEN_PID']) !== pid) return [];
  const count = Number(environment['LISTEN_FDS'] ?? 0);
  if (!Number.isInteger(count) || count <= 0) return [];
  const names = (environment['LISTEN_FDNAMES'] ?? '').split(':');
  return Array.from({ length: count }, (_, index) => ({
    descriptor: FIRST_DESCRIPTOR + index,
    name: names[index] ?? '',
  }));
}
