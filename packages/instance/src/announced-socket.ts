import { resolve } from 'node:path';

import type { Announcement } from '@emperor/protocol';

import { isRouter } from './listeners.ts';
import type { InstanceSocket } from './sockets.ts';

/** Where a router is to send requests. */
export type AnnouncedSocket = Pick<Announcement, 'address' | 'protocol'>;

const EVERY_ADDRESS: ReadonlySet<string> = new Set(['', '*', '0.0.0.0', '::']);

/**
 * The socket that is announced to routers. Where nothing is said it is the first that speaks uwsgi, which every router knows; else the
 * first there is.
 * @param index number among the sockets of the app, as in the log's `uwsgi socket 0 bound to …`
 */
export function announcedSocket(sockets: readonly InstanceSocket[], index: number | undefined): AnnouncedSocket {
  const own = sockets.filter(({ request }) => !isRouter(request.protocol));
  const chosen =
    index === undefined
      ? (own.find(({ request }) => request.protocol === 'uwsgi') ?? own[0] ?? sockets[0])
      : own[index];
  if (chosen === undefined) return { address: '', protocol: 'uwsgi' };
  return { address: addressOf(chosen), protocol: chosen.request.protocol === 'uwsgi' ? 'uwsgi' : 'http' };
}

/** An address of all interfaces has no host: the router takes the one that the announcement came from. */
function addressOf({ request: { target, name }, port }: InstanceSocket): string {
  switch (target.kind) {
    case 'unix':
      return target.path.startsWith('\0') ? `@${target.path.slice(1)}` : resolve(target.path);
    case 'tcp': {
      if (EVERY_ADDRESS.has(target.host)) return `:${port}`;
      return `${target.host.includes(':') ? `[${target.host}]` : target.host}:${port}`;
    }
    case 'fd':
      return port > 0 ? `:${port}` : resolve(name);
    default:
      return target satisfies never;
  }
}
