import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

import {
  type Config,
  ConfigError,
  type Entry,
  type OptionName,
  type Origin,
  parseAddress,
  ROUTER_SOCKETS,
  type SocketAddressText,
  WORKER_SOCKETS,
} from '@emperor/config';
import type { ConnectionLimits } from '@emperor/http';
import type { ListenOptions } from '@emperor/posix';
import type { TlsIdentity } from '@emperor/transport';

import type { SocketRequest } from './sockets.ts';
import { StartError } from './start-error.ts';
import { parseHttps, parseHttps2 } from './tls-request.ts';

const LOCALHOST = '127.0.0.1';

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
export async function requestedSockets(config: Config, directory: string): Promise<SocketRequest[]> {
  const entries = config.entriesOf(...ROUTER_SOCKETS, ...WORKER_SOCKETS);
  const requests = await Promise.all(entries.map((entry) => requestedSocket(config, entry, directory)));
  return needsHiddenSocket(config, requests) ? [...requests, hiddenSocket(config)] : requests;
}

async function requestedSocket(config: Config, entry: Entry, directory: string): Promise<SocketRequest> {
  const origin = placeOf(entry.origin);
  const what = `${origin}: ${entry.key} = ${entry.value}`;
  const { name, identity } = partsOf(entry.key, entry.value, what, directory);
  const address = await lookUp(sharedAddress(config, readAddress(name, what), what), what);
  const target = config.options['abstract-socket'] ? toAbstract(address) : address;
  return { ...commonParts(config), protocol: protocolOf(entry.key, config), name, identity, target, origin };
}

function commonParts(config: Config): Pick<SocketRequest, 'mode' | 'owner' | 'options'> {
  const { options } = config;
  return { mode: options['chmod-socket'], owner: options['chown-socket'], options: listenOptions(config) };
}

function listenOptions({ options }: Config): ListenOptions {
  const given = { backlog: 'listen', sendBufferBytes: 'socket-sndbuf', receiveBufferBytes: 'socket-rcvbuf' } as const;
  const sizes = Object.entries(given).filter(([, option]) => options[option] > 0);
  return {
    ...Object.fromEntries(sizes.map(([name, option]) => [name, options[option]])),
    reusePort: options['reuse-port'],
    freeBind: options.freebind,
    keepAlive: options['so-keepalive'],
  };
}

/** An instance that has only the router's sockets announces one to other routers that speaks their protocol (UWSGI-FACTS 1.10). */
function needsHiddenSocket({ options }: Config, requests: readonly SocketRequest[]): boolean {
  const announces = options['subscribe-to'].length + options.subscribe2.length > 0;
  return announces && requests.length > 0 && requests.every(({ protocol }) => isRouter(protocol));
}

function hiddenSocket(config: Config): SocketRequest {
  const target = { kind: 'tcp', host: LOCALHOST, port: 0 } as const;
  return { ...commonParts(config), protocol: 'uwsgi', name: `${LOCALHOST}:0`, target, origin: 'option subscribe-to' };
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

/** A server of the instance that is no listener of requests: where it is to be bound. */
export interface SideAddress {
  /** As the user wrote it. */
  readonly name: string;
  readonly address: BoundAddress;
  readonly origin: string;
}

/** The addresses of an option such as `http-subscription-server`, with host names looked up. @throws StartError that names the line */
export function sideAddresses(config: Config, option: OptionName): Promise<SideAddress[]> {
  return Promise.all(
    config.entriesOf(option).map(async ({ value: name, origin: place }) => {
      const origin = placeOf(place);
      const what = `${origin}: ${option} = ${name}`;
      return { name, origin, address: await lookUp(sharedAddress(config, readAddress(name, what), what), what) };
    }),
  );
}

/** The socket of a server of statistics; of several addresses the last counts. @throws StartError that names the line */
export async function statsSocket(config: Config, option: 'stats' | 'http-stats'): Promise<SocketRequest | undefined> {
  const found = (await sideAddresses(config, option)).at(-1);
  if (found === undefined) return undefined;
  return {
    protocol: 'stats',
    name: found.name,
    target: found.address,
    mode: config.options['chmod-socket'],
    owner: config.options['chown-socket'],
    options: {},
    origin: found.origin,
  };
}

function placeOf({ source, line }: Origin): string {
  return line > 0 ? `${source}:${line}` : source;
}

export type BoundAddress = Exclude<SocketAddressText, { kind: 'shared' }>;

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
    chunkTimeoutMs: options['chunked-input-timeout'] > 0 ? options['chunked-input-timeout'] * SECOND : socketMs,
    chunkBytes: options['chunked-input-limit'],
    // 1 only turns the answer on, which needs no option here.
    expectedBytes: isRouter(protocol) && options['http-manage-expect'] > 1 ? options['http-manage-expect'] : 0,
    answerHeadBytes: options['response-headers-limit'],
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

/** Whether clients of a socket may be announced by a proxy in front (haproxy's PROXY protocol), before TLS where there is some. */
export function takesProxyProtocol({ options }: Config, protocol: SocketRequest['protocol']): boolean {
  if (protocol === 'uwsgi' || protocol === 'stats') return false;
  return isRouter(protocol) ? options['http-enable-proxy-protocol'] : options['enable-proxy-protocol'];
}
