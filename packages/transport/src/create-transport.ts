import { loopWatchObstacle } from '@emperor/posix';

import { EpollTransport } from './epoll-transport.ts';
import { NodeTransport } from './node-transport.ts';
import type { Transport, TransportSettings } from './transport.ts';

/** `auto`: the epoll transport where it works, which is on Linux; else Node's own sockets. */
export type TransportKind = 'auto' | 'epoll' | 'node';

/**
 * Makes the transport that an instance uses for everything but TLS (option `loop`).
 * @throws Error when `epoll` is asked for by name and does not work here
 */
export function createTransport(kind: TransportKind, settings: TransportSettings = {}): Transport {
  if (kind === 'node') return new NodeTransport(settings);
  const obstacle = loopWatchObstacle();
  if (obstacle === undefined) return new EpollTransport(settings);
  if (kind === 'epoll') throw new Error(`the epoll transport does not work here: ${obstacle}; use loop = node`);
  return new NodeTransport(settings);
}
