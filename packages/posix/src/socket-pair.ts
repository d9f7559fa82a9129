import { Buffer } from 'node:buffer';

import { DescriptorMessage } from './descriptor-message.ts';
import { checked, libc } from './libc.ts';
import { AF_UNIX } from './socket-address.ts';

const socketpair = libc.func('int socketpair(int, int, int, _Out_ int *)');
const sendmsg = libc.func('long sendmsg(int, const void *, int)');
const recvmsg = libc.func('long recvmsg(int, void *, int)');

const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;

/** Received descriptors are not inheritable. */
const MSG_CMSG_CLOEXEC = 0x40000000;
const MSG_DONTWAIT = 0x40;

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
  const message = new DescriptorMessage(payload);
  message.descriptor = descriptor;
  const sent = checked('sendmsg', Number(sendmsg(socketDescriptor, message.header, MSG_NOSIGNAL)));
  if (sent !== payload.length) throw new Error(`sendmsg took ${sent} of ${payload.length} bytes`);
}

/** What came over a UNIX socket at once. */
export interface ReceivedDescriptor {
  readonly payload: Buffer;
  /** Undefined when there was none with it. */
  readonly descriptor: number | undefined;
}

/**
 * Takes what a `sendDescriptor` sent, without waiting; `limit` is the most bytes that are taken. An empty payload is the end.
 * @throws SystemCallError: EAGAIN when nothing has come yet
 */
export function receiveDescriptor(socketDescriptor: number, limit: number): ReceivedDescriptor {
  const payload = Buffer.alloc(limit);
  const message = new DescriptorMessage(payload);
  const taken = checked('recvmsg', Number(recvmsg(socketDescriptor, message.header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT)));
  return { payload: payload.subarray(0, taken), descriptor: message.received };
}
