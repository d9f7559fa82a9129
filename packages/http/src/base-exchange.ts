import { Buffer } from 'node:buffer';

import type { Answerer, Exchange, RequestBody, ResponseHead, ResponseObserver } from './exchange.ts';
import { ExchangeHead } from './exchange-head.ts';
import { reasonPhrase } from './http-error.ts';
import { errorHead } from './response-head.ts';
import type { SentHead } from './sent-head.ts';

const EMPTY = Buffer.alloc(0);
/** `via` of a file that a worker of uWSGI would have sent. */
const SENDFILE = 'sendfile()';
/** Input an encoder may be behind before its producer is asked to wait. */
const ENCODER_BACKLOG_BYTES = 262_144;

/** `ending`: everything was given, an encoder still has output. */
type Phase = 'open' | 'streaming' | 'ending' | 'finished';

/**
 * Everything about an exchange that does not depend on the kind of connection: order of calls, encoders, counting, keeping a body to
 * its declared length. Subclasses put bytes on the wire.
 */
export abstract class BaseExchange extends ExchangeHead implements Exchange {
  aborted = false;
  answerer: Answerer | undefined = undefined;

  #phase: Phase = 'open';
  /** The connection gave the answer itself: what the answerer still does is ignored. */
  #withdrawn = false;
  #observer: ResponseObserver | undefined;
  /** Encoded output met back-pressure. */
  #congested = false;
  /** `write` returned false because of the encoder: `onDrain` is due. */
  #owesDrain = false;

  abstract get body(): RequestBody;
  protected abstract sendHead(sent: SentHead): void;
  /** Sends head and body at once. */
  protected abstract sendWhole(sent: SentHead, body: Uint8Array): void;
  /** @returns false for back-pressure */
  protected abstract sendBody(chunk: Uint8Array): boolean;
  /** Sends a part of a file as a part of the body (`Exchange.sendFile`). @returns false where the connection cannot do that */
  protected sendFilePart(
    _descriptor: number,
    _offset: number,
    _length: number,
    _onDone: (error?: Error) => void,
  ): boolean {
    return false;
  }

  /** What is sent from now on leaves together, with `unhold`. */
  protected hold(): void {}
  protected unhold(): void {}
  /** The body is complete: ends its framing. */
  protected abstract finishBody(): void;
  /** The answer stays incomplete: the peer must see that. */
  protected abstract cut(): void;
  /** There will be no answer. */
  protected closeUnanswered(): void {
    this.cut();
  }

  /** The client is gone before it has its answer. @param _call what was to be done, as uWSGI names it */
  protected clientLost(_call: string): void {}

  /** The exchange is over; called once, last. */
  protected abstract finished(): void;

  get responded(): boolean {
    return this.#phase !== 'open';
  }

  respond(head: ResponseHead, body: Uint8Array): void {
    if (!this.#begin()) return;
    if (this.aborted) {
      this.#reportLoss('writev_headers_and_body');
      this.account(head);
      this.#finish();
      return;
    }
    const checked = this.prepare(this, head, body);
    const content = checked === head ? body : Buffer.from(checked.reason);
    if (this.encoders !== undefined && !this.bodyless) {
      this.#sendHead(checked);
      this.write(content);
      this.end();
      return;
    }
    const declared = this.bodyless ? undefined : this.remaining;
    const fitting = this.bodyless ? content : this.fit(content);
    this.bodyBytes = this.bodyless ? 0 : fitting.length;
    // So that the answer leaves together with the end of the connection, where it is the last.
    this.hold();
    this.#sendWhole(checked, fitting);
    if (declared !== undefined && content.length < declared) {
      this.complain(`the app sent ${content.length} bytes and had declared ${declared}: connection cut`);
      this.cut();
    } else {
      this.finishBody();
    }
    this.#finish();
    this.unhold();
  }

  start(head: ResponseHead, observer: ResponseObserver): void {
    if (!this.#begin()) {
      observer.onAbort();
      return;
    }
    this.#observer = observer;
    if (this.aborted) {
      this.#reportLoss('write_headers');
      this.account(head);
      observer.onAbort();
      this.#finish();
      return;
    }
    const checked = this.prepare(this, head, undefined);
    if (checked !== head) {
      this.#sendWhole(checked, Buffer.from(checked.reason));
      this.finishBody();
      this.#finish();
      this.#withdrawn = true;
      observer.onAbort();
      return;
    }
    this.#sendHead(checked);
  }

  /** The part of `switchProtocols` that does not depend on the connection. */
  protected beginSwitched(head: ResponseHead, observer: ResponseObserver): void {
    this.#begin();
    this.#observer = observer;
    this.account(head);
  }

  write(chunk: Uint8Array): boolean {
    // Who goes on nevertheless must not go on for ever.
    if (this.#phase !== 'streaming' || this.aborted) return false;
    if (this.bodyless) return true;
    const content = this.fit(chunk);
    if (this.remaining !== undefined) this.remaining -= content.length;
    if (content.length === 0) return true;
    this.bodyBytes += content.length;
    if (this.encoders === undefined) return this.sendBody(content);
    this.encoders.write(content);
    this.#owesDrain = this.#isEncoderFull();
    return !this.#owesDrain;
  }

  sendFile(descriptor: number, offset: number, length: number, onDone: (error?: Error) => void): boolean {
    if (this.encoders !== undefined) return false;
    if (this.#phase !== 'streaming' || this.aborted) {
      setImmediate(onDone, new Error('the answer is over'));
      return true;
    }
    const fitting = this.bodyless ? 0 : Math.min(length, this.remaining ?? length);
    if (fitting === 0) {
      setImmediate(onDone);
      return true;
    }
    if (!this.sendFilePart(descriptor, offset, fitting, onDone)) return false;
    this.bodyBytes += fitting;
    if (this.remaining !== undefined) this.remaining -= fitting;
    return true;
  }

  end(): void {
    if (this.#phase !== 'streaming' || this.aborted) return;
    if (this.remaining !== undefined && this.remaining > 0 && !this.bodyless) {
      this.abort(`${this.remaining} bytes less than its Content-Length declared`);
      return;
    }
    if (this.encoders !== undefined && !this.bodyless) {
      this.#phase = 'ending';
      this.encoders.end();
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

  hangUp(): void {
    if (this.#phase === 'finished' || (this.aborted && this.#phase !== 'open')) return;
    if (this.#phase === 'open') {
      // What uWSGI logs where there was no answer.
      this.status = 500;
      if (!this.aborted) this.closeUnanswered();
    } else {
      this.cut();
    }
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
      this.answerer?.clientGone();
      return;
    }
    this.#reportLoss(this.record.via === SENDFILE ? 'sendfile' : 'write_body');
    if (this.#phase === 'streaming') this.#observer?.onAbort();
    this.#finish();
  }

  /** What a worker would have told of; nobody waits for a server's own answer. */
  #reportLoss(call: string): void {
    if (this.record.workerId > 0 || this.record.via === SENDFILE) this.clientLost(call);
  }

  /** The client has taken what was sent. */
  drained(): void {
    if (this.#phase !== 'streaming') return;
    if (this.encoders === undefined) {
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

  #sendHead(head: ResponseHead): void {
    const { encoders, bodyless, remaining } = this;
    const bodyBytes = encoders?.outputBytes ?? remaining;
    this.sendHead({ head, bodyBytes, bodyless, encoded: encoders !== undefined && bodyBytes === undefined });
  }

  #sendWhole(head: ResponseHead, body: Uint8Array): void {
    const bodyless = this.bodyless;
    this.sendWhole({ head, bodyBytes: body.length, bodyless, encoded: false }, bodyless ? EMPTY : body);
  }

  onEncoded(chunk: Uint8Array): void {
    if (this.aborted || (this.#phase !== 'streaming' && this.#phase !== 'ending')) return;
    if (!this.sendBody(chunk)) this.#congested = true;
    this.#payDrain();
  }

  onEncodedEnd(): void {
    if (this.aborted || this.#phase !== 'ending') return;
    // What is encoded counts with the size that it had; another body in its place does not.
    this.bodyBytes = this.encoders?.outputBytes ?? this.bodyBytes;
    this.encoders = undefined;
    this.finishBody();
    this.#finish();
  }

  onEncodingFailed(error: Error): void {
    const isProducing = this.#phase === 'streaming';
    this.abort(`its body cannot be encoded: ${error.message}`);
    if (isProducing) this.#observer?.onAbort();
  }

  #isEncoderFull(): boolean {
    return this.#congested || (this.encoders?.pendingBytes ?? 0) > ENCODER_BACKLOG_BYTES;
  }

  #payDrain(): void {
    if (!this.#owesDrain || this.#phase !== 'streaming' || this.#isEncoderFull()) return;
    this.#owesDrain = false;
    this.#observer?.onDrain();
  }

  #finish(): void {
    if (this.#phase === 'finished') return;
    this.#phase = 'finished';
    this.encoders?.destroy();
    this.encoders = undefined;
    this.finished();
  }
}
