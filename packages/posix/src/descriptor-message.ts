import { Buffer } from 'node:buffer';

import { addressOf } from './libc.ts';

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;

// struct msghdr and struct cmsghdr of 64-bit Linux (recvmsg(2), cmsg(3)).
const MSGHDR_BYTES = 56;
const IOVEC_BYTES = 16;
const CMSG_HEADER_BYTES = 16;
const CMSG_DESCRIPTOR_BYTES = CMSG_HEADER_BYTES + 4;
const CMSG_SPACE_BYTES = CMSG_HEADER_BYTES + 8;
const CONTROL_LENGTH_OFFSET = 40;

/** A `struct msghdr` with bytes and room for one descriptor, as sendmsg(2) and recvmsg(2) take it. It keeps what it points to alive. */
export class DescriptorMessage {
  readonly header: Buffer = Buffer.alloc(MSGHDR_BYTES);
  readonly #vector = Buffer.alloc(IOVEC_BYTES);
  readonly #control = Buffer.alloc(CMSG_SPACE_BYTES);
  readonly #name: Uint8Array | undefined;

  /** `name` is the address of the receiver, of a socket that is not connected. */
  constructor(payload: Uint8Array, name?: Uint8Array) {
    this.#name = name;
    this.#vector.writeBigUInt64LE(addressOf(payload), 0);
    this.#vector.writeBigUInt64LE(BigInt(payload.length), 8);
    if (this.#name !== undefined) {
      this.header.writeBigUInt64LE(addressOf(this.#name), 0);
      this.header.writeUInt32LE(this.#name.length, 8);
    }
    this.header.writeBigUInt64LE(addressOf(this.#vector), 16);
    this.header.writeBigUInt64LE(1n, 24);
    this.header.writeBigUInt64LE(addressOf(this.#control), 32);
    this.header.writeBigUInt64LE(BigInt(CMSG_SPACE_BYTES), CONTROL_LENGTH_OFFSET);
  }

  /** The descriptor that is to be sent. */
  set descriptor(descriptor: number) {
    this.#control.writeBigUInt64LE(BigInt(CMSG_DESCRIPTOR_BYTES), 0);
    this.#control.writeInt32LE(SOL_SOCKET, 8);
    this.#control.writeInt32LE(SCM_RIGHTS, 12);
    this.#control.writeInt32LE(descriptor, CMSG_HEADER_BYTES);
  }

  /** The descriptor that was received, if any. */
  get received(): number | undefined {
    const length = Number(this.header.readBigUInt64LE(CONTROL_LENGTH_OFFSET));
    if (length < CMSG_DESCRIPTOR_BYTES || this.#control.readInt32LE(12) !== SCM_RIGHTS) return undefined;
    return this.#control.readInt32LE(CMSG_HEADER_BYTES);
  }
}
