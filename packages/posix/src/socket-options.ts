import { Buffer } from 'node:buffer';

import { checked, libc } from './libc.ts';
import { decodeTcpName, type TcpName } from './tcp-name.ts';

const setsockopt = libc.func('int setsockopt(int, int, int, const void *, uint32_t)');
const getsockname = libc.func('int getsockname(int, _Out_ void *, _Inout_ uint32_t *)');
const getpeername = libc.func('int getpeername(int, _Out_ void *, _Inout_ uint32_t *)');
const fcntl = libc.func('int fcntl(int, int, long)');

const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_LINGER = 13;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const F_GETFL = 3;
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
const SOCKADDR_STORAGE_BYTES = 128;

/** Makes `close` cut a TCP connection (RST) and drop what is not sent yet, instead of sending it in the background. */
export function setResetOnClose(descriptor: number): void {
  // struct linger { int l_onoff; int l_linger; }
  const linger = Buffer.alloc(8);
  linger.writeInt32LE(1, 0);
  checked('setsockopt', setsockopt(descriptor, SOL_SOCKET, SO_LINGER, linger, linger.length) as number);
}

/** Sends small pieces at once. What a listening socket accepts inherits it. */
export function setNoDelay(descriptor: number): void {
  const on = Buffer.alloc(4);
  on.writeInt32LE(1);
  checked('setsockopt', setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, on, on.length) as number);
}

/** Bounds what the kernel holds for a socket in each direction; it takes about twice the number, and has a minimum of its own. */
export function setSocketBuffers(
  descriptor: number,
  sizes: { readonly send?: number; readonly receive?: number },
): void {
  for (const [option, size] of [
    [SO_SNDBUF, sizes.send],
    [SO_RCVBUF, sizes.receive],
  ] as const) {
    if (size === undefined) continue;
    const value = Buffer.alloc(4);
    value.writeInt32LE(size);
    checked('setsockopt', setsockopt(descriptor, SOL_SOCKET, option, value, value.length) as number);
  }
}

/** No call on the descriptor waits any more. */
export function setNonBlocking(descriptor: number): void {
  const flags = checked('fcntl', fcntl(descriptor, F_GETFL, 0) as number);
  checked('fcntl', fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) as number);
}

/** Our end of a TCP connection; the empty name for anything else. */
export function localTcpName(descriptor: number): TcpName {
  const name = Buffer.alloc(SOCKADDR_STORAGE_BYTES);
  checked('getsockname', getsockname(descriptor, name, [name.length]) as number);
  return decodeTcpName(name);
}

/** The peer's end of a TCP connection; the empty name for anything else. */
export function peerTcpName(descriptor: number): TcpName {
  const name = Buffer.alloc(SOCKADDR_STORAGE_BYTES);
  checked('getpeername', getpeername(descriptor, name, [name.length]) as number);
  return decodeTcpName(name);
}
