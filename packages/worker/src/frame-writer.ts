import { Buffer } from 'node:buffer';

import { FRAME_HEADER_LENGTH, requestFrameLength, writeFrameHeader, writeRequestFrame } from '@emperor/protocol';
import type { Stream, Task, Transport } from '@emperor/transport';

const BUFFER_BYTES = 65536;
/** A payload of this size is written as it is instead of being copied. */
const DIRECT_BYTES = 16384;

/** Collects frames for one worker and writes those of a turn of the event loop in one system call. */
export class FrameWriter implements Task {
  readonly #stream: Stream;
  readonly #transport: Transport;
  readonly #buffer: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #used = 0;
  #scheduled = false;

  constructor(stream: Stream, transport: Transport) {
    this.#stream = stream;
    this.#transport = transport;
  }

  request(stream: number, flags: number, environ: string, body: Uint8Array | undefined): void {
    const length = requestFrameLength(environ, body);
    if (length > BUFFER_BYTES) {
      const frame = Buffer.allocUnsafe(length);
      writeRequestFrame(frame, 0, stream, flags, environ, body);
      this.flush();
      this.#stream.write(frame);
      return;
    }
    this.#reserve(length);
    this.#used = writeRequestFrame(this.#buffer, this.#used, stream, flags, environ, body);
  }

  /** @param payload the caller's again behind the call */
  frame(type: number, flags: number, stream: number, payload?: Uint8Array): void {
    const length = payload?.length ?? 0;
    const direct = length >= DIRECT_BYTES;
    this.#reserve(FRAME_HEADER_LENGTH + (direct ? 0 : length));
    this.#used = writeFrameHeader(this.#buffer, this.#used, length, type, flags, stream);
    if (payload === undefined) return;
    if (direct) {
      this.#stream.cork();
      this.flush();
      this.#stream.write(payload);
      this.#stream.uncork();
    } else {
      this.#buffer.set(payload, this.#used);
      this.#used += length;
    }
  }

  /** A frame whose payload is one u32. */
  count(type: number, stream: number, count: number): void {
    this.#reserve(FRAME_HEADER_LENGTH + 4);
    const at = writeFrameHeader(this.#buffer, this.#used, 4, type, 0, stream);
    this.#used = this.#buffer.writeUInt32LE(count, at);
  }

  /** Writes what is collected now. */
  flush(): void {
    if (this.#used === 0) return;
    this.#stream.write(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  #reserve(length: number): void {
    if (this.#used + length > BUFFER_BYTES) this.flush();
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Every request that arrived in this turn is in the buffer by then.
    this.#transport.soon(this);
  }

  /** The end of the turn. */
  run(): void {
    this.#scheduled = false;
    this.flush();
  }
}
