import { Buffer } from 'node:buffer';

import { type BodyDecoder, ChunkedDecoder, LengthDecoder } from './body-framing.ts';
import type { ResponseHead } from './exchange.ts';
import { trimBlanks } from './head-parser.ts';
import { HttpError } from './http-error.ts';
import { removeHeader } from './response-head.ts';

/** Receives the answer of a backend, piece by piece. */
export interface ResponseReceiver {
  /** `bodyBytes`: the length of the body where the backend declared it. */
  onHead(head: ResponseHead, bodyBytes: number | undefined): void;
  /** A view of the chunk given to `push`: copy what must stay. */
  onBody(content: Buffer): void;
  onComplete(): void;
}

const MAX_HEAD_BYTES = 65536;
const STATUS_LINE = /^HTTP\/1\.[01] ([1-9][0-9]{2})(?: (.*))?$/;
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const DIGITS = /^[0-9]{1,15}$/;

/**
 * Reads one answer off a backend's connection: final head, then a body delimited by length, by chunks, or by the end of the
 * connection (RFC 9112 section 6.3). Interim answers (1xx) are skipped. A body to HEAD, 204 and 304 does not exist.
 */
export class ResponseParser {
  readonly #receiver: ResponseReceiver;
  readonly #toHead: boolean;
  #input: Buffer | undefined;
  #decoder: BodyDecoder | 'until-close' | undefined;
  #complete = false;

  constructor(receiver: ResponseReceiver, toHead: boolean) {
    this.#receiver = receiver;
    this.#toHead = toHead;
  }

  get complete(): boolean {
    return this.#complete;
  }

  /** The head has been read. */
  get started(): boolean {
    return this.#decoder !== undefined;
  }

  /** @throws HttpError 502 when this is not an HTTP answer */
  push(chunk: Buffer): void {
    let rest = chunk;
    while (this.#decoder === undefined) {
      const input = this.#input === undefined ? rest : Buffer.concat([this.#input, rest]);
      const end = input.indexOf('\r\n\r\n');
      if ((end < 0 ? input.length : end) > MAX_HEAD_BYTES)
        throw new HttpError(502, `its head is longer than ${MAX_HEAD_BYTES} bytes`);
      if (end < 0) {
        this.#input = Buffer.from(input);
        return;
      }
      this.#input = undefined;
      this.#readHead(input.toString('latin1', 0, end));
      rest = input.subarray(end + 4);
    }
    this.#pushBody(rest);
  }

  /** The backend has closed its side. @returns false when the answer is not whole */
  end(): boolean {
    if (this.#decoder === 'until-close' && !this.#complete) this.#finish();
    return this.#complete;
  }

  #pushBody(chunk: Buffer): void {
    if (this.#complete || this.#decoder === undefined) return;
    if (this.#decoder === 'until-close') {
      if (chunk.length > 0) this.#receiver.onBody(chunk);
      return;
    }
    this.#decoder.push(chunk, (content) => this.#receiver.onBody(content));
    if (this.#decoder.finished) this.#finish();
  }

  #finish(): void {
    this.#complete = true;
    this.#receiver.onComplete();
  }

  #readHead(text: string): void {
    const lines = text.split('\r\n');
    const match = STATUS_LINE.exec(lines[0] ?? '');
    if (match === null) throw new HttpError(502, 'what it sent is not an HTTP answer');
    const status = Number(match[1]);
    if (status < 200 && status !== 101) return;
    const head: ResponseHead = { status, reason: match[2] ?? '', headers: [] };
    let length: string | undefined;
    let coding: string | undefined;
    for (const line of lines.slice(1)) {
      const colon = line.indexOf(':');
      const name = line.slice(0, Math.max(colon, 0));
      if (!FIELD_NAME.test(name)) throw new HttpError(502, 'a header line of its answer is broken');
      const value = trimBlanks(line, colon + 1, line.length);
      const lower = name.toLowerCase();
      if (lower === 'transfer-encoding') {
        coding = value;
        continue;
      }
      if (lower === 'content-length') {
        if (length !== undefined && length !== value)
          throw new HttpError(502, 'its answer has two different Content-Length headers');
        length = value;
      }
      head.headers.push(name, value);
    }
    if (coding !== undefined) {
      // It overrides the length (RFC 9112 section 6.3), which would be wrong on the way on.
      length = undefined;
      removeHeader(head.headers, 'content-length');
    }
    this.#decoder = this.#chooseDecoder(status, length, coding);
    this.#receiver.onHead(head, length === undefined ? undefined : Number(length));
  }

  #chooseDecoder(status: number, length: string | undefined, coding: string | undefined): BodyDecoder | 'until-close' {
    if (this.#toHead || status === 204 || status === 304) return new LengthDecoder(0);
    if (coding !== undefined) {
      if (coding.toLowerCase() === 'chunked') return new ChunkedDecoder();
      throw new HttpError(502, `the transfer coding "${coding}" of its answer is not implemented`);
    }
    if (length === undefined) return 'until-close';
    if (!DIGITS.test(length)) throw new HttpError(502, 'the Content-Length of its answer is not a number');
    return new LengthDecoder(Number(length));
  }
}
