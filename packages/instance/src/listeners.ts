import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

import { type Config, parseAddress, type SocketAddressText } from '@emperor/config';
import type { ConnectionLimits } from '@emperor/http';

import type { SocketRequest } from './sockets.ts';
import { StartError } from './start-error.ts';

type SocketOption = 'http' | 'http-socket' | 'http11-socket' | 'socket' | 'uwsgi-socket';

const SOCKET_OPTIONS: readonly SocketOption[] = ['http', 'http-socket', 'http11-socket', 'socket', 'uwsgi-socket'];

function protocolOf(option: string, config: Config): SocketRequest['protocol'] {
  switch (option) {
    case 'http':
      return 'http';
    case 'socket':
      return config.options.protocol === 'http' ? 'http-socket' : 'uwsgi';
    case 'uwsgi-socket':
      return 'uwsgi';
    default:
      return 'http-socket';
  }
}

/**
 * The sockets a configuration asks for, in its order; host names are looked up.
 * @throws StartError for an address that cannot be understood or found
 */
export function requestedSockets(config: Config): Promise<SocketRequest[]> {
  const { options } = config;
  const requests = config.entriesOf(...SOCKET_OPTIONS).map(async (entry) => {
    const origin = entry.origin.line > 0 ? `${entry.origin.source}:${entry.origin.line}` : entry.origin.source;
    const what = `${origin}: ${entry.key} = ${entry.value}`;
    const address = await lookUp(sharedAddress(config, parseAddress(entry.value), what), what);
    return {
      protocol: protocolOf(entry.key, config),
      name: entry.value,
      target: options['abstract-socket'] ? toAbstract(address) : address,
      mode: options['chmod-socket'],
      owner: options['chown-socket'],
      backlog: options.listen > 0 ? options.listen : undefined,
      origin,
    };
  });
  return Promise.all(requests);
}

/** The socket of the stats server. */
export async function statsSocket(config: Config, text: string): Promise<SocketRequest> {
  const place = config.originOf('stats');
  const origin = place === undefined || place.line === 0 ? 'option stats' : `${place.source}:${place.line}`;
  const what = `${origin}: stats = ${text}`;
  const address = await lookUp(sharedAddress(config, parseAddress(text), what), what);
  return {
    protocol: 'stats',
    name: text,
    target: address,
    mode: config.options['chmod-socket'],
    owner: config.options['chown-socket'],
    backlog: undefined,
    origin,
  };
}

type BoundAddress = Exclude<SocketAddressText, { kind: 'shared' }>;

/** `=0` names the first `shared-socket`, and so on. */
function sharedAddress(config: Config, address: SocketAddressText, what: string): BoundAddress {
  if (address.kind !== 'shared') return address;
  const shared = config.entriesOf('shared-socket', 'undeferred-shared-socket')[address.index];
  if (shared === undefined) throw new StartError(`${what}: there is no shared-socket number ${address.index}`);
  return sharedAddress(config, parseAddress(shared.value), what);
}

/** `abstract-socket`: UNIX sockets get a name instead of a file. */
function toAbstract(address: BoundAddress): BoundAddress {
  return address.kind === 'unix' && !address.path.startsWith('\0')
    ? { kind: 'unix', path: `\0${address.path}` }
    : address;
}

async function lookUp(address: BoundAddress, what: string): Promise<BoundAddress> {
  if (address.kind !== 'tcp' || address.host === '' || address.host === '*' || isIP(address.host) !== 0) return address;
  try {
    const found = await lookup(address.host);
    return { ...address, host: found.address };
  } catch {
    throw new StartError(`${what}: there is no address for the host name "${address.host}"`);
  }
}

const SECOND = 1000;

/**
 * Bounds on what a client of a socket can send. `http-socket` and `socket` go by `socket-timeout` (4 s), the router by `http-timeout` (60 s);
 * a client that reads slowly has `http-timeout` everywhere, since it occupies no worker.
 */
export function connectionLimits(config: Config, protocol: SocketRequest['protocol']): ConnectionLimits {
  const { options } = config;
  const isRouter = protocol === 'http' || protocol === 'https';
  const socketMs = (isRouter ? options['http-timeout'] : options['socket-timeout']) * SECOND;
  const headSeconds =
    isRouter && options['http-headers-timeout'] > 0 ? options['http-headers-timeout'] * SECOND : socketMs;
  const keepAlive = options['http-keepalive'];
  return {
    headBytes: options['buffer-size'],
    bodyBytes: options['limit-post'],
    headTimeoutMs: headSeconds,
    bodyTimeoutMs: socketMs,
    writeTimeoutMs: Math.max(options['http-timeout'], options['socket-timeout']) * SECOND,
    idleTimeoutMs: keepAlive > 1 ? keepAlive * SECOND : socketMs,
  };
}

/** Whether connections stay open after an answer: a matter of `http-keepalive` for the router, of course for the others. */
export function keepsAlive(config: Config, protocol: SocketRequest['protocol']): boolean {
  return protocol === 'http' || protocol === 'https' ? config.options['http-keepalive'] > 0 : true;
}
