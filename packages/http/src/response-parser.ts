import { Buffer } from 'node:buffer';

import { type BodyDecoder, ChunkedDecoder, LengthDecoder } from './body-framing.ts';
import type { ResponseHead } from './exchange.ts';
import { hasToken, trimBlanks } from './head-parser.ts';
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

/** How the end of a body is known. `until-close`: by the end of the connection; `tunnel`: after a 101, where HTTP has ended. */
export type ResponseFraming = 'length' | 'chunked' | 'until-close' | 'tunnel';

const MAX_HEAD_BYTES = 65536;
/** Interim answers (1xx) before the final one; more is no conversation. */
const MAX_INTERIM = 64;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: (.*))?$/;
/** Apps behind the uwsgi protocol repeat the protocol of the request, which may have come in over HTTP/2. */
const ECHOED_STATUS_LINE = /^HTTP\/([0-9])(?:\.[0-9])? ([1-9][0-9]{2})(?: (.*))?$/;
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Field values: no control characters but the tab (RFC 9110 section 5.5). */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const BAD_VALUE = /[\x00-\x08\x0a-\x1f\x7f]/;
const DIGITS = /^[0-9]{1,15}$/;
const LF = 10;

/** What to do with a header line. `agreed`: the line by which our own listener keeps a connection of the uwsgi protocol. */
type Role = 'plain' | 'length' | 'coding' | 'connection' | 'keep-alive' | 'agreed';

interface FieldName {
  readonly name: string;
  readonly role: Role;
}

const ROLES: Readonly<Record<string, Role>> = {
  'content-length': 'length',
  'transfer-encoding': 'coding',
  connection: 'connection',
  'keep-alive': 'keep-alive',
  'uwsgi-keepalive': 'agreed',
};

/** Apps choose names, so the table of known ones must not grow without limit. */
const MAX_KNOWN_NAMES = 1024;
const knownNames = new Map<string, FieldName>();

function classify(name: string): FieldName {
  if (!FIELD_NAME.test(name)) throw new HttpError(502, 'a header line of its answer is broken');
  // A copy: a slice of a head would keep the whole head alive.
  const copy = Buffer.from(name, 'latin1').toString('latin1');
  const field: FieldName = { name: copy, role: ROLES[copy.toLowerCase()] ?? 'plain' };
  if (knownNames.size < MAX_KNOWN_NAMES && copy.length <= 64) knownNames.set(copy, field);
  return field;
}

/** What the head says about the framing and the connection. */
interface Steering {
  length: string | undefined;
  coding: string | undefined;
  connection: string | undefined;
  keepAlive: string | undefined;
  agreed: string | undefined;
}

/**
 * Reads one answer off a backend's connection: final head, then a body delimited by length, by chunks, or by the end of the
 * connection (RFC 9112 section 6.3). Interim answers (1xx) are skipped. A body to HEAD, 204 and 304 does not exist.
 * What follows a 101 is handed on as a body that ends with the connection.
 */
export class ResponseParser {
  /** The backend leaves the connection open after this answer (RFC 9112 section 9.3). */
  persistent = false;
  /** Value of `Keep-Alive`, such as `timeout=5`. */
  keepAlive: string | undefined;
  /** The line by which our own listener keeps a connection of the uwsgi protocol was there, with the token that was sent. */
  agreed = false;
  /** The backend has sent bytes behind its answer: what they belong to is unknown, the connection is not to be used again. */
  surplus = false;
  readonly #receiver: ResponseReceiver;
  readonly #toHead: boolean;
  readonly #token: string | undefined;
  #input: Buffer | undefined;
  #decoder: BodyDecoder | undefined;
  #framing: ResponseFraming | undefined;
  #complete = false;
  #interim = 0;

  /** @param token of a backend that speaks uwsgi: what a `UWSGI-KeepAlive` header must begin with to count */
  constructor(receiver: ResponseReceiver, toHead: boolean, token?: string) {
    this.#receiver = receiver;
    this.#toHead = toHead;
    this.#token = token;
  }

  get complete(): boolean {
    return this.#complete;
  }

  /** The head has been read. */
  get started(): boolean {
    return this.#framing !== undefined;
  }

  /** Not a byte of an answer has arrived. */
  get untouched(): boolean {
    return this.#framing === undefined && this.#input === undefined && this.#interim === 0;
  }

  /** Known once the head has been read. */
  get framing(): ResponseFraming | undefined {
    return this.#framing;
  }

  /** @throws HttpError 502 when this is not an HTTP answer */
  push(chunk: Buffer): void {
    if (this.#complete) {
      this.surplus = true;
      return;
    }
    let rest = chunk;
    while (this.#framing === undefined) {
      const input = this.#input === undefined ? rest : Buffer.concat([this.#input, rest]);
      const end = input.indexOf('\r\n\r\n', 0, 'latin1');
      if ((end < 0 ? input.length : end) > MAX_HEAD_BYTES)
        throw new HttpError(502, `its head is longer than ${MAX_HEAD_BYTES} bytes`);
      if (end < 0) {
        checkBeginning(input);
        this.#input = input.length === 0 ? undefined : Buffer.from(input);
        return;
      }
      this.#input = undefined;
      this.#readHead(input.toString('latin1', 0, end + 2));
      rest = input.subarray(end + 4);
    }
    this.#pushBody(rest);
  }

  /** The backend has closed its side. @returns false when the answer is not whole */
  end(): boolean {
    if (!this.#complete && (this.#framing === 'until-close' || this.#framing === 'tunnel')) this.#finish();
    return this.#complete;
  }

  readonly #onContent = (content: Buffer): void => this.#receiver.onBody(content);

  #pushBody(chunk: Buffer): void {
    const decoder = this.#decoder;
    if (decoder === undefined) {
      if (chunk.length > 0) this.#receiver.onBody(chunk);
      return;
    }
    const taken = decoder.push(chunk, this.#onContent);
    if (!decoder.finished) return;
    if (taken < chunk.length) this.surplus = true;
    this.#finish();
  }

  #finish(): void {
    this.#complete = true;
    this.#receiver.onComplete();
  }

  #readHead(text: string): void {
    let end = text.indexOf('\r\n');
    const match = (this.#token === undefined ? STATUS_LINE : ECHOED_STATUS_LINE).exec(text.slice(0, end));
    if (match === null) throw new HttpError(502, 'what it sent is not an HTTP answer');
    const status = Number(match[2]);
    if (status < 200 && status !== 101) {
      this.#interim++;
      if (this.#interim > MAX_INTERIM) throw new HttpError(502, `it sent more than ${MAX_INTERIM} interim answers`);
      return;
    }
    const head: ResponseHead = { status, reason: match[3] ?? '', headers: [] };
    if (BAD_VALUE.test(head.reason)) throw new HttpError(502, 'the reason of its answer has a control character');
    const steering: Steering = {
      length: undefined,
      coding: undefined,
      connection: undefined,
      keepAlive: undefined,
      agreed: undefined,
    };
    for (let start = end + 2; start < text.length; start = end + 2) {
      end = text.indexOf('\r\n', start);
      this.#readLine(text, start, end, head.headers, steering);
    }
    const { length, coding, connection } = steering;
    // It overrides the length (RFC 9112 section 6.3), which would be wrong on the way on.
    if (coding !== undefined && length !== undefined) removeHeader(head.headers, 'content-length');
    const bodyBytes = this.#chooseDecoder(status, coding === undefined ? length : undefined, coding, steering.agreed);
    this.keepAlive = steering.keepAlive;
    this.persistent =
      this.#decoder !== undefined &&
      (connection === undefined
        ? match[1] === '1'
        : !hasToken(connection, 'close') && (match[1] === '1' || hasToken(connection, 'keep-alive')));
    this.#receiver.onHead(head, bodyBytes);
  }

  #readLine(text: string, start: number, end: number, headers: string[], steering: Steering): void {
    const colon = text.indexOf(':', start);
    const rawName = text.slice(start, colon < 0 || colon > end ? start : colon);
    const { name, role } = knownNames.get(rawName) ?? classify(rawName);
    const value = trimBlanks(text, colon + 1, end);
    if (BAD_VALUE.test(value)) throw new HttpError(502, `the header ${name} of its answer has a control character`);
    switch (role) {
      case 'plain':
        break;
      case 'coding':
        steering.coding = steering.coding === undefined ? value : `${steering.coding}, ${value}`;
        return;
      case 'length':
        if (steering.length !== undefined && steering.length !== value)
          throw new HttpError(502, 'its answer has two different Content-Length headers');
        steering.length = value;
        break;
      case 'connection':
        steering.connection = steering.connection === undefined ? value : `${steering.connection}, ${value}`;
        break;
      case 'keep-alive':
        steering.keepAlive = value;
        break;
      case 'agreed':
        if (this.#token === undefined) break;
        if (value.startsWith(`${this.#token} `)) steering.agreed = value.slice(this.#token.length + 1);
        return;
      default:
        role satisfies never;
    }
    headers.push(name, value);
  }

  /** Sets how the body is read. @returns its length, where it is known */
  #chooseDecoder(
    status: number,
    length: string | undefined,
    coding: string | undefined,
    agreed: string | undefined,
  ): number | undefined {
    const declared = length === undefined ? undefined : readLength(length);
    if (agreed !== undefined) {
      this.agreed = true;
      return this.#use(agreed === 'chunked' ? undefined : readLength(agreed), agreed === 'chunked');
    }
    if (status === 101) {
      this.#framing = 'tunnel';
      return undefined;
    }
    if (this.#toHead || status === 204 || status === 304) {
      this.#use(0, false);
      return declared;
    }
    if (coding === undefined) return this.#use(declared, false);
    if (coding.toLowerCase() !== 'chunked')
      throw new HttpError(502, `the transfer coding "${coding}" of its answer is not implemented`);
    return this.#use(undefined, true);
  }

  #use(bytes: number | undefined, chunked: boolean): number | undefined {
    if (chunked) {
      this.#framing = 'chunked';
      this.#decoder = new ChunkedDecoder();
    } else if (bytes === undefined) {
      this.#framing = 'until-close';
    } else {
      this.#framing = 'length';
      this.#decoder = new LengthDecoder(bytes);
    }
    return bytes;
  }
}

function readLength(text: string): number {
  if (!DIGITS.test(text)) throw new HttpError(502, 'the Content-Length of its answer is not a number');
  return Number(text);
}

/** What is no answer is refused at once, not after 64 KB of it or a time-out. */
function checkBeginning(input: Buffer): void {
  const expected = 'HTTP/';
  const seen = input.toString('latin1', 0, Math.min(input.length, expected.length));
  if (!expected.startsWith(seen)) throw new HttpError(502, 'what it sent is not an HTTP answer');
  for (let feed = input.indexOf(LF); feed >= 0; feed = input.indexOf(LF, feed + 1))
    if (input[feed - 1] !== 13) throw new HttpError(502, 'a line of its answer does not end in CRLF');
}
