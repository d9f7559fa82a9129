import { DatagramSocket } from '@emperor/posix';

import type { SocketKeeper } from '../on-demand/socket-store.ts';
import type { Environment } from '../vassal/vassal-environment.ts';

/** Tells systemd how the service is (sd_notify(3)). Nobody to tell, or nobody who listens, is no problem of ours. */
export class Notifier implements SocketKeeper {
  readonly #socket: DatagramSocket;
  #watchdog: NodeJS.Timeout | undefined;

  /** Undefined when no service manager wants to know. */
  static of(environment: Environment, pid: number): Notifier | undefined {
    const address = environment['NOTIFY_SOCKET'] ?? '';
    if (!address.startsWith('/') && !address.startsWith('@')) return undefined;
    const notifier = new Notifier(address.replace(/^@/, '\0'));
    notifier.#watch(environment, pid);
    return notifier;
  }

  private constructor(path: string) {
    this.#socket = DatagramSocket.unix(path);
  }

  /** It serves, from its start on or again after a reload. */
  ready(): void {
    this.#tell('READY=1');
  }

  /** One line for `systemctl status`. */
  status(line: string): void {
    this.#tell(`STATUS=${line}`);
  }

  /** Until it is ready again. */
  reloading(): void {
    const microseconds = Math.round(Number(process.hrtime.bigint()) / 1000);
    this.#tell(`RELOADING=1\nMONOTONIC_USEC=${microseconds}`);
  }

  stopping(): void {
    this.#tell('STOPPING=1');
  }

  /** In the descriptor store of the service, from which the next emperor gets it (`FileDescriptorStoreMax=`). */
  keep(name: string, descriptor: number): void {
    this.#try(() => this.#socket.sendDescriptor(Buffer.from(`FDSTORE=1\nFDNAME=${name}`), descriptor));
  }

  forget(name: string): void {
    this.#tell(`FDSTOREREMOVE=1\nFDNAME=${name}`);
  }

  close(): void {
    clearInterval(this.#watchdog);
    this.#socket.close();
  }

  /** A sign of life twice in the time that the service manager allows between two. */
  #watch(environment: Environment, pid: number): void {
    const microseconds = Number(environment['WATCHDOG_USEC'] ?? 0);
    const meant = environment['WATCHDOG_PID'];
    if (!(microseconds > 0) || (meant !== undefined && Number(meant) !== pid)) return;
    this.#watchdog = setInterval(() => this.#tell('WATCHDOG=1'), microseconds / 2000).unref();
  }

  #tell(state: string): void {
    this.#try(() => this.#socket.send(Buffer.from(state)));
  }

  #try(send: () => void): void {
    try {
      send();
    } catch {
      // It will hear of the next change.
    }
  }
}
