import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';

import { closeDescriptor } from './descriptor.ts';
import { checked, libc } from './libc.ts';
import {
  AF_INET6,
  AF_UNIX,
  decodePort,
  encodeTcpAddress,
  encodeUnixAddress,
  type EncodedAddress,
} from './socket-address.ts';

const socket = libc.func('int socket(int, int, int)');
const bind = libc.func('int bind(int, const void *, uint32_t)');
const listen = libc.func('int listen(int, int)');
const setsockopt = libc.func('int setsockopt(int, int, int, const void *, uint32_t)');
const getsockname = libc.func('int getsockname(int, _Out_ void *, _Inout_ uint32_t *)');

const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_KEEPALIVE = 9;
const SO_REUSEPORT = 15;
const IPPROTO_IP = 0;
const IP_FREEBIND = 15;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const SOCKADDR_STORAGE_BYTES = 128;

export interface ListenOptions {
  /** Length of the kernel's queue of connections not yet accepted; default: what the system allows (somaxconn). */
  readonly backlog?: number;
  /** Others of the same user may bind the port too; the kernel spreads connections over them. TCP only, as are the next two. */
  readonly reusePort?: boolean;
  /** The address may be one that the machine does not have, yet. */
  readonly freeBind?: boolean;
  /** The kernel probes connections on which nothing happens. Inherited by what is accepted, as are the sizes. */
  readonly keepAlive?: boolean;
  /** Bytes that the kernel holds for a connection; it takes twice the number. */
  readonly sendBufferBytes?: number;
  readonly receiveBufferBytes?: number;
}

export interface ListeningSocket {
  /** Bound, listening, non-blocking, not inheritable. */
  readonly descriptor: number;
  /** TCP: the bound port, chosen by the kernel when 0 was asked. UNIX: 0. */
  readonly port: number;
}

/** The system's limit for listen backlogs; 4096 where it cannot be read. */
export function systemBacklogLimit(): number {
  try {
    return Number.parseInt(readFileSync('/proc/sys/net/core/somaxconn', 'latin1'), 10);
  } catch {
    return 4096;
  }
}

function setNumber(descriptor: number, level: number, option: number, value: number): void {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  checked('setsockopt', setsockopt(descriptor, level, option, buffer, buffer.length) as number);
}

function open(address: EncodedAddress, options: ListenOptions, prepare: (descriptor: number) => void): ListeningSocket {
  const descriptor = checked('socket', socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) as number);
  try {
    prepare(descriptor);
    if (options.sendBufferBytes !== undefined) setNumber(descriptor, SOL_SOCKET, SO_SNDBUF, options.sendBufferBytes);
    if (options.receiveBufferBytes !== undefined)
      setNumber(descriptor, SOL_SOCKET, SO_RCVBUF, options.receiveBufferBytes);
    checked('bind', bind(descriptor, address.bytes, address.bytes.length) as number);
    checked('listen', listen(descriptor, options.backlog ?? systemBacklogLimit()) as number);
    return { descriptor, port: address.family === AF_UNIX ? 0 : boundPort(descriptor) };
  } catch (error) {
    closeDescriptor(descriptor);
    throw error;
  }
}

/** The port a TCP socket is bound to. */
export function boundPort(descriptor: number): number {
  const name = Buffer.alloc(SOCKADDR_STORAGE_BYTES);
  checked('getsockname', getsockname(descriptor, name, [name.length]) as number);
  return decodePort(name);
}

/** The path a UNIX socket is bound to, with a leading NUL for the abstract namespace; undefined for any other socket. */
export function boundPath(descriptor: number): string | undefined {
  const name = Buffer.alloc(SOCKADDR_STORAGE_BYTES);
  const length = [name.length];
  checked('getsockname', getsockname(descriptor, name, length) as number);
  if (name.readUInt16LE(0) !== AF_UNIX) return undefined;
  const path = name.subarray(2, length[0]);
  const end = path.indexOf(0, 1);
  return path.toString('utf8', 0, end === -1 ? path.length : end);
}

/**
 * Opens a TCP listening socket. SO_REUSEADDR is set, so that a restart does not wait for old connections.
 * @throws SystemCallError with the code EADDRINUSE, EACCES, EADDRNOTAVAIL, …
 */
export function listenTcp(host: string, port: number, options: ListenOptions = {}): ListeningSocket {
  const address = encodeTcpAddress(host, port);
  return open(address, options, (descriptor) => {
    setNumber(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
    if (options.reusePort === true) setNumber(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
    if (options.freeBind === true) setNumber(descriptor, IPPROTO_IP, IP_FREEBIND, 1);
    if (options.keepAlive === true) setNumber(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
    if (address.family === AF_INET6) setNumber(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, host === '::' ? 0 : 1);
  });
}

/**
 * Opens a UNIX listening socket. A leading NUL in `path` makes it abstract. An existing file is the caller's business.
 * @throws SystemCallError with the code EADDRINUSE, ENOENT, EACCES, …
 */
export function listenUnix(path: string, options: ListenOptions = {}): ListeningSocket {
  return open(encodeUnixAddress(path), options, () => {});
}
