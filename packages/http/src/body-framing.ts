import type { Buffer } from 'node:buffer';

import { HttpError } from './http-error.ts';

/** Takes a piece of a body. @param endsChunk whether it is the last of a chunk (RFC 9112 section 7.1) */
export type TakeContent = (content: Buffer, endsChunk: boolean) => void;

/** Decodes one message body out of a byte stream, piece by piece. */
export interface BodyDecoder {
  readonly finished: boolean;
  /**
   * Takes bytes of the body from the start of `chunk` and hands the content on as views of it.
   * @returns how many bytes belonged to this body
   * @throws HttpError 400 when the framing is broken
   */
  push(chunk: Buffer, onContent: TakeContent): number;
}

/** A body of known length (RFC 9112 section 6.2). */
export class LengthDecoder implements BodyDecoder {
  #remaining: number;

  constructor(bytes: number) {
    this.#remaining = bytes;
  }

  get finished(): boolean {
    return this.#remaining === 0;
  }

  push(chunk: Buffer, onContent: TakeContent): number {
    const taken = Math.min(chunk.length, this.#remaining);
    this.#remaining -= taken;
    if (taken > 0) onContent(taken === chunk.length ? chunk : chunk.subarray(0, taken), false);
    return taken;
  }
}

/** Bytes that are no HTTP any more: all there are, until `end` is called. */
export class RawDecoder implements BodyDecoder {
  finished = false;

  push(chunk: Buffer, onContent: TakeContent): number {
    if (chunk.length > 0) onContent(chunk, false);
    return chunk.length;
  }

  end(): void {
    this.finished = true;
  }
}

/** A size line with its extensions, and one trailer line, are no longer than this. */
const MAX_LINE_BYTES = 4096;
const MAX_TRAILER_BYTES = 16_384;
/** All extensions of a body together: nothing uses them but attempts to make a server read much for little content. */
const MAX_EXTENSION_BYTES = 16_384;
const SIZE = /^[0-9a-fA-F]{1,13}$/;
/** RFC 9112 section 7.1.1, without the "bad" blanks that it allows to be refused. */
const EXTENSIONS =
  /^(?:;[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:=(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*$/;
const TRAILER_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*$/;
/** Fields that frame or route a message must not come behind it (RFC 9110 section 6.5.1): some recipient might believe them. */
const FORBIDDEN_TRAILER =
  /^(?:connection|content-length|expect|host|proxy-connection|te|trailer|transfer-encoding|upgrade):/i;
const LF = 10;

/** A chunked body (RFC 9112 section 7.1). Extensions and trailers are checked, bounded and dropped. */
export class ChunkedDecoder implements BodyDecoder {
  #state: 'size' | 'data' | 'data-end' | 'trailer' | 'finished' = 'size';
  #line = '';
  #remaining = 0;
  #extensionBytes = 0;
  #trailerBytes = 0;
  readonly #maxChunkBytes: number;

  /** @param maxChunkBytes content of one chunk; 0 for no limit */
  constructor(maxChunkBytes: number = 0) {
    this.#maxChunkBytes = maxChunkBytes;
  }

  get finished(): boolean {
    return this.#state === 'finished';
  }

  push(chunk: Buffer, onContent: TakeContent): number {
    let offset = 0;
    while (offset < chunk.length && this.#state !== 'finished') {
      if (this.#state === 'data') {
        const end = Math.min(chunk.length, offset + this.#remaining);
        this.#remaining -= end - offset;
        onContent(chunk.subarray(offset, end), this.#remaining === 0);
        offset = end;
        if (this.#remaining === 0) this.#state = 'data-end';
      } else {
        offset = this.#takeLine(chunk, offset);
      }
    }
    return offset;
  }

  /** Collects a line that may be split over chunks; lines end in CRLF and nothing else. */
  #takeLine(chunk: Buffer, offset: number): number {
    const feed = chunk.indexOf(LF, offset);
    const end = feed < 0 ? chunk.length : feed + 1;
    this.#line += chunk.toString('latin1', offset, end);
    if (this.#line.length > MAX_LINE_BYTES)
      throw new HttpError(400, `a line of a chunked body is longer than ${MAX_LINE_BYTES} bytes`);
    if (feed >= 0) {
      const line = this.#line;
      this.#line = '';
      if (!line.endsWith('\r\n')) throw new HttpError(400, 'a line of a chunked body does not end in CRLF');
      this.#onLine(line.slice(0, -2));
    }
    return end;
  }

  #onLine(line: string): void {
    switch (this.#state) {
      case 'size':
        this.#remaining = this.#readSize(line);
        this.#state = this.#remaining === 0 ? 'trailer' : 'data';
        return;
      case 'data-end':
        if (line !== '') throw new HttpError(400, 'a chunk is longer than its size');
        this.#state = 'size';
        return;
      case 'trailer':
        this.#trailerBytes += line.length;
        if (line === '') this.#state = 'finished';
        else if (this.#trailerBytes > MAX_TRAILER_BYTES)
          throw new HttpError(431, 'the trailers of a chunked body are too long');
        else if (!TRAILER_LINE.test(line)) throw new HttpError(400, 'a trailer is not a header line');
        else if (FORBIDDEN_TRAILER.test(line)) throw new HttpError(400, 'a trailer must not steer the connection');
        return;
      case 'data':
      case 'finished':
        throw new Error(`a line in state ${this.#state}`);
      default:
        this.#state satisfies never;
    }
  }

  #readSize(line: string): number {
    const semicolon = line.indexOf(';');
    const size = semicolon < 0 ? line : line.slice(0, semicolon);
    if (!SIZE.test(size)) throw new HttpError(400, 'a chunk does not start with its size in hexadecimal');
    if (semicolon >= 0) {
      const extensions = line.slice(semicolon);
      this.#extensionBytes += extensions.length;
      if (this.#extensionBytes > MAX_EXTENSION_BYTES)
        throw new HttpError(400, `the chunk extensions of a body are longer than ${MAX_EXTENSION_BYTES} bytes`);
      if (!EXTENSIONS.test(extensions)) throw new HttpError(400, 'a chunk extension is not ";name" or ";name=value"');
    }
    const bytes = Number.parseInt(size, 16);
    if (this.#maxChunkBytes > 0 && bytes > this.#maxChunkBytes)
      throw new HttpError(
        413,
        `a chunk has ${bytes} bytes, more than ${this.#maxChunkBytes} (option chunked-input-limit)`,
      );
    return bytes;
  }
}
