import { Buffer } from 'node:buffer';

import { addressOf, checked, libc } from './libc.ts';
import { AF_UNIX } from './socket-address.ts';

const socketpair = libc.func('int socketpair(int, int, int, _Out_ int *)');
const sendmsg = libc.func('long sendmsg(int, const void *, int)');

const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_NOSIGNAL = 0x4000;

// struct msghdr and struct cmsghdr of 64-bit Linux (recvmsg(2), cmsg(3)).
const MSGHDR_BYTES = 56;
const IOVEC_BYTES = 16;
const CMSG_HEADER_BYTES = 16;
const CMSG_DESCRIPTOR_BYTES = CMSG_HEADER_BYTES + 4;
const CMSG_SPACE_BYTES = CMSG_HEADER_BYTES + 8;

/** Two connected stream sockets, both blocking and not inheritable. */
export function createSocketPair(): [number, number] {
  const pair = [0, 0];
  checked('socketpair', socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) as number);
  return pair as [number, number];
}

/**
 * Sends a descriptor with some bytes over a UNIX stream socket (SCM_RIGHTS). The receiver gets a copy: the sender may close its own.
 * `payload` must not be empty, and should be small: it is sent in one call.
 * @throws SystemCallError, such as EPIPE when the receiver is gone
 */
export function sendDescriptor(socketDescriptor: number, descriptor: number, payload: Uint8Array): void {
  const vector = Buffer.alloc(IOVEC_BYTES);
  vector.writeBigUInt64LE(addressOf(payload), 0);
  vector.writeBigUInt64LE(BigInt(payload.length), 8);

  const control = Buffer.alloc(CMSG_SPACE_BYTES);
  control.writeBigUInt64LE(BigInt(CMSG_DESCRIPTOR_BYTES), 0);
  control.writeInt32LE(SOL_SOCKET, 8);
  control.writeInt32LE(SCM_RIGHTS, 12);
  control.writeInt32LE(descriptor, CMSG_HEADER_BYTES);

  const message = Buffer.alloc(MSGHDR_BYTES);
  message.writeBigUInt64LE(addressOf(vector), 16);
  message.writeBigUInt64LE(1n, 24);
  message.writeBigUInt64LE(addressOf(control), 32);
  message.writeBigUInt64LE(BigInt(CMSG_SPACE_BYTES), 40);

  const sent = checked('sendmsg', Number(sendmsg(socketDescriptor, message, MSG_NOSIGNAL)));
  if (sent !== payload.length) throw new Error(`sendmsg took ${sent} of ${payload.length} bytes`);
}
