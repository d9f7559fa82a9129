import { Buffer } from 'node:buffer';

import { koffi } from './koffi.ts';
import { declareLinux, libc } from './libc.ts';
import { PinnedBuffer } from './pinned-memory.ts';
import type { EncodedAddress } from './socket-address.ts';

// The calls of the fast path. They return a negative errno instead of throwing, and take addresses of buffers that live for ever.

const accept4 = declareLinux('int accept4(int, uintptr_t, uintptr_t, int)');
const recv = libc.func('long recv(int, uintptr_t, size_t, int)');
const send = libc.func('long send(int, uintptr_t, size_t, int)');
const sendBuffer = libc.func('long send(int, const void *, size_t, int)');
const sendfile = declareLinux('long sendfile(int, int, uintptr_t, size_t)');
const shutdown = libc.func('int shutdown(int, int)');
const close = libc.func('int close(int)');
const socket = libc.func('int socket(int, int, int)');
const connect = libc.func('int connect(int, const void *, uint32_t)');
const getsockopt = libc.func('int getsockopt(int, int, int, void *, void *)');

const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const MSG_MORE = 0x8000;
const SHUT_WR = 1;
const SOL_SOCKET = 1;
const SO_ERROR = 4;

function outcome(result: number): number {
  return result < 0 ? -koffi.errno() : result;
}

const SOCKADDR_STORAGE_BYTES = 128;
const peer = new PinnedBuffer(SOCKADDR_STORAGE_BYTES);
const peerLength = new PinnedBuffer(4);

/** The address of the peer that `acceptSocket` found last, as the kernel wrote it; overwritten by the next call. */
export const acceptedAddress: Buffer = peer.bytes;

/** Takes the next connection of a listening socket, non-blocking and not inheritable. @returns its descriptor, or a negative errno */
export function acceptSocket(listener: number): number {
  peerLength.bytes.writeInt32LE(SOCKADDR_STORAGE_BYTES);
  return outcome(accept4(listener, peer.address, peerLength.address, SOCK_NONBLOCK | SOCK_CLOEXEC) as number);
}

/** @returns bytes received, 0 at the end, or a negative errno */
export function receive(descriptor: number, buffer: PinnedBuffer): number {
  return outcome(recv(descriptor, buffer.address, buffer.bytes.length, 0) as number);
}

/**
 * Sends bytes of a `PinnedBuffer`.
 * @param address of the first
 * @param more tells the kernel that more follows at once
 * @returns bytes sent, or a negative errno
 */
export function sendPinned(descriptor: number, address: number, length: number, more: boolean): number {
  return outcome(send(descriptor, address, length, more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL) as number);
}

/** @returns bytes sent, or a negative errno */
export function sendBytes(descriptor: number, bytes: Uint8Array, more: boolean): number {
  return outcome(sendBuffer(descriptor, bytes, bytes.length, more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL) as number);
}

const fileOffset = new PinnedBuffer(8);

/** Sends a part of a file without copying it through this process. @returns bytes sent, 0 at the end of the file, or a negative errno */
export function sendFilePart(descriptor: number, file: number, offset: number, length: number): number {
  fileOffset.bytes.writeBigInt64LE(BigInt(offset));
  return outcome(sendfile(descriptor, file, fileOffset.address, length) as number);
}

/** Ends our side of a connection. @returns 0 or a negative errno */
export function shutdownWriting(descriptor: number): number {
  return outcome(shutdown(descriptor, SHUT_WR) as number);
}

/** Closes a descriptor; there is nothing to be done about a failure. */
export function closeSocket(descriptor: number): void {
  close(descriptor);
}

/** A socket that is not connected yet, non-blocking and not inheritable. @returns its descriptor, or a negative errno */
export function openSocket(family: number): number {
  return outcome(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) as number);
}

/** Begins to connect. @returns 0, or a negative errno: EINPROGRESS when it takes time, EAGAIN when the queue of a UNIX listener is full */
export function connectSocket(descriptor: number, address: EncodedAddress): number {
  return outcome(connect(descriptor, address.bytes, address.bytes.length) as number);
}

/** Takes the error a socket has met in the background, such as by connecting. @returns its errno, negative; 0 for none */
export function takeSocketError(descriptor: number): number {
  const value = Buffer.alloc(4);
  const length = Buffer.alloc(4);
  length.writeInt32LE(value.length);
  const result = outcome(getsockopt(descriptor, SOL_SOCKET, SO_ERROR, value, length) as number);
  return result < 0 ? result : -value.readInt32LE();
}
