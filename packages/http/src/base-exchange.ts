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
import { errorHead, findFault, findHeader, removeHeader, settleHeader } from './response-head.ts';
import type { Variables } from './variables.ts';

const DIGITS = /^[0-9]{1,15}$/;
const EMPTY = Buffer.alloc(0);
/** Input an encoder may be behind before its producer is asked to wait. */
const ENCODER_BACKLOG_BYTES = 262_144;

/** `ending`: everything was given, an encoder still has output. */
type Phase = 'open' | 'streaming' | 'ending' | 'finished';

/** What is put in front of the body, decided by the kind of connection. */
export interface SentHead {
  readonly head: ResponseHead;
  /** Bytes of body to come, where known. */
  readonly bodyBytes: number | undefined;
  /** No body may follow: HEAD, 1xx, 204, 304. */
  readonly bodyless: boolean;
  /** The body is encoded on its way out: a client must be able to see that it got all of it (uWSGI chunks it always, UWSGI-FACTS 6.2). */
  readonly encoded: boolean;
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
  onClientGone: (() => void) | undefined = undefined;

  #phase: Phase = 'open';
  /** The connection gave the answer itself: what the answerer still does is ignored. */
  #withdrawn = false;
  #filters: ResponseFilter[] | undefined;
  #extraHeaders: string[] | undefined;
  #observer: ResponseObserver | undefined;
  #encoder: BodyEncoder | undefined;
  /** Encoded output met back-pressure. */
  #congested = false;
  /** `write` returned false because of the encoder: `onDrain` is due. */
  #owesDrain = false;
  #bodyless = false;
  /** Bytes the declared Content-Length still allows; undefined without one. */
  #remaining: number | undefined;

  constructor(listener: ListenerDescription, variables: Variables) {
    this.listener = listener;
    this.variables = variables;
  }

  abstract get body(): RequestBody;
  /** Bytes handed to the connection and not taken by the kernel. */
  protected abstract get unsentBytes(): number;
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

  get pendingBytes(): number {
    return this.#encoder === undefined ? this.unsentBytes : Infinity;
  }

  addFilter(filter: ResponseFilter): void {
    (this.#filters ??= []).push(filter);
  }

  addHeader(name: string, value: string): void {
    (this.#extraHeaders ??= []).push(name, value);
  }

  respond(head: ResponseHead, body: Uint8Array): void {
    if (!this.#begin()) return;
    if (this.aborted) {
      this.#account(head);
      this.#finish();
      return;
    }
    const checked = this.#prepare(head, body);
    const content = checked === head ? body : Buffer.from(checked.reason);
    if (this.#encoder !== undefined && !this.#bodyless) {
      this.sendHead({ head: checked, bodyBytes: undefined, bodyless: false, encoded: true });
      this.write(content);
      this.end();
      return;
    }
    const declared = this.#bodyless ? undefined : this.#remaining;
    const fitting = declared !== undefined && content.length > declared ? content.subarray(0, declared) : content;
    this.bodyBytes = this.#bodyless ? 0 : fitting.length;
    this.#sendWhole(checked, fitting);
    if (declared !== undefined && content.length < declared) {
      this.complain(`the app sent ${content.length} bytes and had declared ${declared}: connection cut`);
      this.cut();
    } else {
      this.finishBody();
    }
    this.#finish();
  }

  start(head: ResponseHead, observer: ResponseObserver): void {
    if (!this.#begin()) {
      observer.onAbort();
      return;
    }
    this.#observer = observer;
    if (this.aborted) {
      this.#account(head);
      observer.onAbort();
      this.#finish();
      return;
    }
    const checked = this.#prepare(head, undefined);
    if (checked !== head) {
      this.#sendWhole(checked, Buffer.from(checked.reason));
      this.finishBody();
      this.#finish();
      this.#withdrawn = true;
      observer.onAbort();
      return;
    }
    this.sendHead({
      head: checked,
      bodyBytes: this.#remaining,
      bodyless: this.#bodyless,
      encoded: this.#encoder !== undefined,
    });
  }

  /** The part of `switchProtocols` that does not depend on the connection. @returns the head as it is sent */
  protected beginSwitched(head: ResponseHead, observer: ResponseObserver): string {
    this.#begin();
    this.#observer = observer;
    this.#account(head);
    const { headers } = head;
    let text = `${this.protocol} ${head.status} ${head.reason}\r\n`;
    for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
    return `${text}\r\n`;
  }

  write(chunk: Uint8Array): boolean {
    // Who goes on nevertheless must not go on for ever.
    if (this.#phase !== 'streaming' || this.aborted) return false;
    if (this.#bodyless) return true;
    let content = chunk;
    if (this.#remaining !== undefined) {
      if (content.length > this.#remaining) content = content.subarray(0, this.#remaining);
      this.#remaining -= content.length;
    }
    if (content.length === 0) return true;
    this.bodyBytes += content.length;
    if (this.#encoder === undefined) return this.sendBody(content);
    this.#encoder.write(content);
    this.#owesDrain = this.#isEncoderFull();
    return !this.#owesDrain;
  }

  end(): void {
    if (this.#phase !== 'streaming' || this.aborted) return;
    if (this.#remaining !== undefined && this.#remaining > 0 && !this.#bodyless) {
      this.abort(`${this.#remaining} bytes less than its Content-Length declared`);
      return;
    }
    if (this.#encoder !== undefined && !this.#bodyless) {
      this.#phase = 'ending';
      this.#encoder.end();
      return;
    }
    this.finishBody();
    this.#finish();
  }

  abort(reason: string): void {
    if (this.#phase === 'finished' || (this.aborted && this.#phase !== 'open')) return;
    if (!this.aborted) this.complain(`${this.#phase === 'open' ? 'no answer' : 'answer cut short'}: ${reason}`);
    if (this.#phase === 'open') {
      this.refuse(500);
      return;
    }
    this.cut();
    this.#finish();
  }

  /** Answers with an error in place of the answerer, whose calls are ignored from now on. Does nothing once an answer has begun. */
  refuse(status: number): void {
    if (this.#phase !== 'open') return;
    this.respond(errorHead(status), Buffer.from(reasonPhrase(status)));
    this.#withdrawn = true;
  }

  /** The client is gone. */
  clientGone(): void {
    if (this.aborted || this.#phase === 'finished') return;
    this.aborted = true;
    if (this.#phase === 'open') {
      this.onClientGone?.();
      return;
    }
    if (this.#phase === 'streaming') this.#observer?.onAbort();
    this.#finish();
  }

  /** The client has taken what was sent. */
  drained(): void {
    if (this.#phase !== 'streaming') return;
    if (this.#encoder === undefined) {
      this.#observer?.onDrain();
      return;
    }
    this.#congested = false;
    this.#payDrain();
  }

  /** @returns false when an answer was given already in place of the caller's */
  #begin(): boolean {
    if (this.#phase === 'open') {
      this.#phase = 'streaming';
      return true;
    }
    if (this.#withdrawn) return false;
    throw new Error('the exchange has been answered already');
  }

  #sendWhole(head: ResponseHead, body: Uint8Array): void {
    const bodyless = this.#bodyless;
    this.sendWhole({ head, bodyBytes: body.length, bodyless, encoded: false }, bodyless ? EMPTY : body);
  }

  /** Applies extra headers and filters; refuses broken heads. @returns the head to send: another one where the given is refused */
  #prepare(given: ResponseHead, completeBody: Uint8Array | undefined): ResponseHead {
    if (this.#extraHeaders !== undefined) given.headers.push(...this.#extraHeaders);
    this.#setBodyless(given);
    if (this.#filters !== undefined) this.#ask(this.#filters, given, completeBody);
    const fault = findFault(given);
    if (fault !== undefined) {
      this.complain(`${fault}: answered 500 instead`);
      this.#encoder?.destroy();
      this.#encoder = undefined;
      const replacement = errorHead(500);
      this.#setBodyless(replacement);
      this.#account(replacement);
      return replacement;
    }
    // A filter may have changed the status.
    this.#setBodyless(given);
    this.#account(given);
    this.#ask(this.listenerFilters, given, completeBody);
    this.#remaining = this.#settleLength(given.headers);
    return given;
  }

  #setBodyless({ status }: ResponseHead): void {
    this.#bodyless = this.isHead || status === 204 || status === 304;
  }

  #ask(filters: readonly ResponseFilter[], head: ResponseHead, completeBody: Uint8Array | undefined): void {
    for (const filter of filters) this.#useEncoder(filter.filterHead(this, head, completeBody));
  }

  #useEncoder(encoder: BodyEncoder | undefined): void {
    if (encoder === undefined) return;
    if (this.#encoder !== undefined) throw new Error('only one encoding at a time');
    this.#encoder = encoder;
    encoder.onOutput = (chunk) => {
      if (this.aborted || (this.#phase !== 'streaming' && this.#phase !== 'ending')) return;
      if (!this.sendBody(chunk)) this.#congested = true;
      this.#payDrain();
    };
    encoder.onFinished = () => {
      if (this.aborted || this.#phase !== 'ending') return;
      this.#encoder = undefined;
      this.finishBody();
      this.#finish();
    };
  }

  #isEncoderFull(): boolean {
    return this.#congested || (this.#encoder?.pendingBytes ?? 0) > ENCODER_BACKLOG_BYTES;
  }

  #payDrain(): void {
    if (!this.#owesDrain || this.#phase !== 'streaming' || this.#isEncoderFull()) return;
    this.#owesDrain = false;
    this.#observer?.onDrain();
  }

  /**
   * Leaves one Content-Length or none: none beside a Transfer-Encoding or an encoding of ours, none that is not a number, and of
   * several only when they agree (RFC 9112 section 6.3). @returns the length that rules the body
   */
  #settleLength(headers: string[]): number | undefined {
    const declared = settleHeader(headers, 'content-length');
    if (declared === undefined) return undefined;
    const codedOtherwise = this.#encoder !== undefined || findHeader(headers, 'transfer-encoding') !== undefined;
    if (!codedOtherwise && DIGITS.test(declared)) return Number(declared);
    removeHeader(headers, 'content-length');
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
    this.#encoder?.destroy();
    this.#encoder = undefined;
    this.finished();
  }
}
