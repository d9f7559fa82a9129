import { Buffer } from 'node:buffer';

import { addressOf } from './libc.ts';

/** Memory at an address that can be handed to system calls again and again: a number costs less than a buffer to hand over. */
export class PinnedBuffer {
  readonly bytes: Buffer;
  readonly address: number;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.address = Number(addressOf(this.bytes));
  }
}

/** The same, as words of 32 bits. */
export class PinnedWords {
  readonly words: Uint32Array;
  readonly address: number;

  constructor(count: number) {
    const { bytes, address } = new PinnedBuffer(count * Uint32Array.BYTES_PER_ELEMENT);
    this.words = new Uint32Array(bytes.buffer, bytes.byteOffset, count);
    this.address = address;
  }
}
