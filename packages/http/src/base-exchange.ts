import { Buffer } from 'node:buffer';

import type {
  BodyEncoder,
  Exchange,
  ExchangeRecord,
  ListenerDescription,
  RequestBody,
  ResponseFilter,
  ResponseHead,
  ResponseObserver,
} from './exchange.ts';
import { reasonPhrase } from './http-error.ts';
import type { Variables } from './variables.ts';

/** Header lines: what must never be in a name or a value, or the answer could be split in two. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const INJECTION = /[\r\n\0]/;
const DIGITS = /^[0-9]{1,15}$/;
const EMPTY = Buffer.alloc(0);

/** A header of an answer, by its lower-case name. */
export function findHeader(headers: readonly string[], lowerName: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) return headers[i + 1];
  }
  return undefined;
}

/** Removes every header of that lower-case name. */
export function removeHeader(headers: string[], lowerName: string): void {
  for (let i = headers.length - 2; i >= 0; i -= 2) if (headers[i]?.toLowerCase() === lowerName) headers.splice(i, 2);
}

/** The answer the server itself makes (UWSGI-FACTS 4.9). */
export function errorHead(status: number): ResponseHead {
  return { status, reason: reasonPhrase(status), headers: ['Connection', 'close', 'Content-Type', 'text/plain'] };
}

/** What is put in front of the body, decided by the kind of connection. */
export interface SentHead {
  readonly head: ResponseHead;
  /** Bytes of body to come, where known. */
  readonly bodyBytes: number | undefined;
  /** No body may follow: HEAD, 1xx, 204, 304. */
  readonly bodyless: boolean;
}

/**
 * Everything about an exchange that does not depend on the kind of connection: order of calls, filters, encoders, counting,
 * keeping a body to its declared length. Subclasses put bytes on the wire.
 */
export abstract class BaseExchange implements Exchange {
  readonly listener: ListenerDescription;
  readonly variables: Variables;
  readonly startedAtMs: number = performance.now();
  readonly record: ExchangeRecord = {
    pid: process.pid,
    workerId: 0,
    app: -1,
    appRequests: -1,
    via: '',
    switches: 0,
    core: 0,
    silent: false,
    logVariables: undefined,
  };
  status = 0;
  bodyBytes = 0;
  headerCount = 0;
  headBytes = 0;
  aborted = false;

  #phase: 'open' | 'streaming' | 'finished' = 'open';
  #filters: ResponseFilter[] | undefined;
  #extraHeaders: string[] | undefined;
  #observer: ResponseObserver | undefined;
  #encoder: BodyEncoder | undefined;
  #bodyless = false;
  /** Bytes the declared Content-Length still allows; undefined without one. */
  #remaining: number | undefined;

  constructor(listener: ListenerDescription, variables: Variables) {
    this.listener = listener;
    this.variables = variables;
  }

  abstract get body(): RequestBody;
  protected abstract get isHead(): boolean;
  /** `HTTP/1.1` or `HTTP/1.0`: the status line repeats the protocol of the request. */
  protected abstract get protocol(): string;
  /** Filters of the listener, such as auto-gzip: asked last, their headers are not counted in the log (UWSGI-FACTS 6.4). */
  protected abstract get listenerFilters(): readonly ResponseFilter[];
  protected abstract sendHead(sent: SentHead): void;
  /** Sends head and body at once. */
  protected abstract sendWhole(sent: SentHead, body: Uint8Array): void;
  /** @returns false for back-pressure */
  protected abstract sendBody(chunk: Uint8Array): boolean;
  /** The body is complete: ends its framing. */
  protected abstract finishBody(): void;
  /** The answer stays incomplete: the peer must see that. */
  protected abstract cut(): void;
  /** The exchange is over; called once, last. */
  protected abstract finished(): void;
  /** A fault of the answer to be logged. */
  protected abstract complain(message: string): void;

  get responded(): boolean {
    return this.#phase !== 'open';
  }

  addFilter(filter: ResponseFilter): void {
    (this.#filters ??= []).push(filter);
  }

  addHeader(name: string, value: string): void {
    (this.#extraHeaders ??= []).push(name, value);
  }

  respond(head: ResponseHead, body: Uint8Array): void {
    if (this.#phase !== 'open') throw new Error('the exchange has been answered already');
    this.#phase = 'streaming';
    if (this.aborted) {
      this.#account(head);
      this.#finish();
      return;
    }
    const checked = this.#prepare(head, body);
    const content = checked === head ? body : Buffer.from(checked.reason);
    if (this.#encoder !== undefined && !this.#bodyless) {
      this.sendHead({ head: checked, bodyBytes: undefined, bodyless: false });
      this.write(content);
      this.end();
      return;
    }
    const short = this.#remaining !== undefined && !this.#bodyless && content.length < this.#remaining;
    const fitting =
      this.#remaining !== undefined && content.length > this.#remaining
        ? content.subarray(0, this.#remaining)
        : content;
    this.bodyBytes = this.#bodyless ? 0 : fitting.length;
    this.sendWhole(
      { head: checked, bodyBytes: fitting.length, bodyless: this.#bodyless },
      this.#bodyless ? EMPTY : fitting,
    );
    if (short) {
      this.complain(`the app sent ${content.length} bytes and had declared ${this.#remaining}: connection cut`);
      this.cut();
    } else {
      this.finishBody();
    }
    this.#finish();
  }

  start(head: ResponseHead, observer: ResponseObserver): void {
    if (this.#phase !== 'open') throw new Error('the exchange has been answered already');
    this.#phase = 'streaming';
    this.#observer = observer;
    if (this.aborted) {
      this.#account(head);
      observer.onAbort();
      this.#finish();
      return;
    }
    const checked = this.#prepare(head, undefined);
    if (checked !== head) {
      const body = Buffer.from(checked.reason);
      this.sendWhole(
        { head: checked, bodyBytes: body.length, bodyless: this.#bodyless },
        this.#bodyless ? EMPTY : body,
      );
      this.finishBody();
      this.#finish();
      observer.onAbort();
      return;
    }
    this.sendHead({ head: checked, bodyBytes: this.#remaining, bodyless: this.#bodyless });
  }

  write(chunk: Uint8Array): boolean {
    if (this.#phase !== 'streaming' || this.aborted) return true;
    if (this.#bodyless || chunk.length === 0) return true;
    let content = chunk;
    if (this.#remaining !== undefined) {
      if (content.length > this.#remaining) content = content.subarray(0, this.#remaining);
      this.#remaining -= content.length;
      if (content.length === 0) return true;
    }
    this.bodyBytes += content.length;
    if (this.#encoder !== undefined) {
      this.#encoder.write(content);
      return true;
    }
    return this.sendBody(content);
  }

  end(): void {
    if (this.#phase !== 'streaming') return;
    if (this.aborted) return;
    if (this.#remaining !== undefined && this.#remaining > 0 && !this.#bodyless) {
      this.abort(`${this.#remaining} bytes less than its Content-Length declared`);
      return;
    }
    if (this.#encoder !== undefined && !this.#bodyless) {
      this.#encoder.end();
      return;
    }
    this.finishBody();
    this.#finish();
  }

  abort(reason: string): void {
    if (this.#phase === 'finished') return;
    if (this.#phase === 'open') {
      this.respond(errorHead(500), Buffer.from(reasonPhrase(500)));
      return;
    }
    this.complain(`answer cut short: ${reason}`);
    this.cut();
    this.#finish();
  }

  /** The client is gone. */
  clientGone(): void {
    if (this.aborted || this.#phase === 'finished') return;
    this.aborted = true;
    if (this.#phase === 'streaming') {
      this.#observer?.onAbort();
      this.#finish();
    }
  }

  drained(): void {
    if (this.#phase === 'streaming') this.#observer?.onDrain();
  }

  /** Applies extra headers and filters; refuses broken heads. @returns the head to send: another one where the given is refused */
  #prepare(given: ResponseHead, completeBody: Uint8Array | undefined): ResponseHead {
    let head = given;
    const { headers } = head;
    if (this.#extraHeaders !== undefined) headers.push(...this.#extraHeaders);
    for (let i = 0; i < headers.length; i++) {
      if (INJECTION.test(headers[i] ?? '')) {
        this.complain(`the header ${JSON.stringify(headers[i])} has a line break or NUL: answered 500 instead`);
        head = errorHead(500);
        break;
      }
    }
    this.#bodyless = this.isHead || head.status < 200 || head.status === 204 || head.status === 304;
    if (head === given && this.#filters !== undefined) {
      for (const filter of this.#filters) this.#useEncoder(filter.filterHead(this, head, completeBody));
    }
    this.#account(head);
    if (head === given) {
      for (const filter of this.listenerFilters) this.#useEncoder(filter.filterHead(this, head, completeBody));
      this.#remaining = this.#encoder === undefined ? this.#declaredLength(head) : undefined;
    }
    return head;
  }

  /** Encoders are chained in the order in which filters gave them. */
  #useEncoder(encoder: BodyEncoder | undefined): void {
    if (encoder === undefined) return;
    const previous = this.#encoder;
    if (previous !== undefined) throw new Error('only one encoding at a time');
    this.#encoder = encoder;
    encoder.onOutput = (chunk) => {
      if (!this.aborted && this.#phase === 'streaming') this.sendBody(chunk);
    };
    encoder.onFinished = () => {
      if (this.aborted || this.#phase !== 'streaming') return;
      this.finishBody();
      this.#finish();
    };
  }

  #declaredLength(head: ResponseHead): number | undefined {
    const declared = findHeader(head.headers, 'content-length');
    if (declared === undefined) return undefined;
    if (DIGITS.test(declared)) return Number(declared);
    removeHeader(head.headers, 'content-length');
    return undefined;
  }

  /** Counts as uWSGI does: the status line, the header lines and the blank line, before what the connection adds. */
  #account(head: ResponseHead): void {
    this.status = head.status;
    const { headers } = head;
    let bytes = this.protocol.length + 1 + 3 + 1 + head.reason.length + 2 + 2;
    for (let i = 0; i < headers.length; i += 2)
      bytes += (headers[i]?.length ?? 0) + 2 + (headers[i + 1]?.length ?? 0) + 2;
    this.headBytes = bytes;
    this.headerCount = headers.length >> 1;
  }

  #finish(): void {
    if (this.#phase === 'finished') return;
    this.#phase = 'finished';
    if (this.aborted || this.#bodyless) this.#encoder?.destroy();
    this.finished();
  }
}
