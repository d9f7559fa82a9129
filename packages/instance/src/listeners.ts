import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

import { type Config, ConfigError, parseAddress, type SocketAddressText } from '@emperor/config';
import type { ConnectionLimits } from '@emperor/http';
import type { TlsIdentity } from '@emperor/transport';

import type { SocketRequest } from './sockets.ts';
import { StartError } from './start-error.ts';
import { parseHttps, parseHttps2 } from './tls-request.ts';

const SOCKET_OPTIONS = [
  'http',
  'https',
  'https2',
  'http-to-https',
  'http-socket',
  'http11-socket',
  'https-socket',
  'socket',
  'uwsgi-socket',
] as const;

function protocolOf(option: string, config: Config): SocketRequest['protocol'] {
  switch (option) {
    case 'http':
    case 'http-to-https':
    case 'https':
    case 'https-socket':
      return option;
    case 'https2':
      return 'https';
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
 * @param directory where relative names of certificates count from: uWSGI reads them before it enters another one
 * @throws StartError for an address that cannot be understood or found
 */
export function requestedSockets(config: Config, directory: string): Promise<SocketRequest[]> {
  const { options } = config;
  const requests = config.entriesOf(...SOCKET_OPTIONS).map(async (entry) => {
    const origin = entry.origin.line > 0 ? `${entry.origin.source}:${entry.origin.line}` : entry.origin.source;
    const what = `${origin}: ${entry.key} = ${entry.value}`;
    const { name, identity } = partsOf(entry.key, entry.value, what, directory);
    const address = await lookUp(sharedAddress(config, readAddress(name, what), what), what);
    return {
      protocol: protocolOf(entry.key, config),
      name,
      identity,
      target: options['abstract-socket'] ? toAbstract(address) : address,
      mode: options['chmod-socket'],
      owner: options['chown-socket'],
      backlog: options.listen > 0 ? options.listen : undefined,
      origin,
    };
  });
  return Promise.all(requests);
}

/** The address of an option, and the certificate of those that have one. */
function partsOf(
  option: string,
  value: string,
  what: string,
  directory: string,
): { name: string; identity?: TlsIdentity } {
  if (!option.startsWith('https')) return { name: value };
  const request = option === 'https2' ? parseHttps2(value, directory) : parseHttps(value, directory);
  if (request !== undefined) return { name: request.address, identity: request.identity };
  const form =
    option === 'https2'
      ? 'addr=ADDRESS,cert=CERTIFICATE,key=KEY[,ciphers=…][,client_ca=…]'
      : 'ADDRESS,CERTIFICATE,KEY[,CIPHERS[,CA]]';
  throw new StartError(`${what}: expected ${form}`);
}

function readAddress(text: string, what: string): SocketAddressText {
  try {
    return parseAddress(text);
  } catch (error) {
    if (error instanceof ConfigError) throw new StartError(`${what}: ${error.message}`);
    throw error;
  }
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
  const socketMs = (isRouter(protocol) ? options['http-timeout'] : options['socket-timeout']) * SECOND;
  const headSeconds =
    isRouter(protocol) && options['http-headers-timeout'] > 0 ? options['http-headers-timeout'] * SECOND : socketMs;
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

/** The listeners that uWSGI's http router has, and not its workers. */
export function isRouter(protocol: SocketRequest['protocol']): boolean {
  return protocol === 'http' || protocol === 'https' || protocol === 'http-to-https';
}

/** Whether connections stay open after an answer: a matter of `http-keepalive` for the router, of course for the others. */
export function keepsAlive(config: Config, protocol: SocketRequest['protocol']): boolean {
  return isRouter(protocol) ? config.options['http-keepalive'] > 0 : true;
}

/** Whether clients of a socket may be announced by a proxy in front (haproxy's PROXY protocol); not in front of TLS. */
export function takesProxyProtocol({ options }: Config, protocol: SocketRequest['protocol']): boolean {
  return (
    (protocol === 'http' && options['http-enable-proxy-protocol']) ||
    (protocol === 'http-socket' && options['enable-proxy-protocol'])
  );
}
