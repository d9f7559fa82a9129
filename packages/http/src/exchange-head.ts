import { type EncodedOutput, EncoderChain } from './encoder-chain.ts';
import type { Exchange, ExchangeRecord, ListenerDescription, ResponseFilter, ResponseHead } from './exchange.ts';
import { errorHead, findFault, measureHead, settleLength } from './response-head.ts';
import type { Variables } from './variables.ts';

/**
 * What of an exchange comes before the body of its answer: what is known of the request, and how the head that is sent comes about:
 * headers from elsewhere, filters, faults, the length.
 */
export abstract class ExchangeHead implements EncodedOutput {
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
    harakiriSeconds: 0,
    silent: false,
    logVariables: undefined,
  };
  status = 0;
  bodyBytes = 0;
  headerCount = 0;
  headBytes = 0;

  protected encoders: EncoderChain | undefined;
  /** No body may follow: HEAD, 204, 304. */
  protected bodyless = false;
  /** Bytes the declared Content-Length still allows; undefined without one. */
  protected remaining: number | undefined;
  #filters: ResponseFilter[] | undefined;
  #extraHeaders: string[] | undefined;
  #isExcessTold = false;

  constructor(listener: ListenerDescription, variables: Variables) {
    this.listener = listener;
    this.variables = variables;
  }

  protected abstract get isHead(): boolean;
  /** `HTTP/1.1` or `HTTP/1.0`: the status line repeats the protocol of the request. */
  protected abstract get protocol(): string;
  /** Filters of the listener, such as auto-gzip: asked last, their headers are not counted in the log (UWSGI-FACTS 6.4). */
  protected abstract get listenerFilters(): readonly ResponseFilter[];
  /** A fault of the answer to be logged. */
  protected abstract complain(message: string): void;
  /** Bytes the head of the answer may have. */
  protected get maxHeadBytes(): number {
    return Infinity;
  }

  abstract onEncoded(chunk: Uint8Array): void;
  abstract onEncodedEnd(): void;
  abstract onEncodingFailed(error: Error): void;

  addFilter(filter: ResponseFilter): void {
    (this.#filters ??= []).push(filter);
  }

  addHeader(name: string, value: string): void {
    (this.#extraHeaders ??= []).push(name, value);
  }

  /**
   * Applies extra headers and filters; refuses broken heads.
   * @param self this, as filters see it
   * @returns the head to send: another one where the given is refused
   */
  protected prepare(self: Exchange, given: ResponseHead, completeBody: Uint8Array | undefined): ResponseHead {
    if (this.#extraHeaders !== undefined) given.headers.push(...this.#extraHeaders);
    this.#setBodyless(given);
    if (this.#filters !== undefined) this.#ask(this.#filters, self, given, completeBody);
    const fault = findFault(given);
    if (fault !== undefined) return this.#replace(fault);
    // A filter may have changed the status.
    this.#setBodyless(given);
    this.account(given);
    if (this.headBytes > this.maxHeadBytes)
      return this.#replace(
        `the head of the answer has ${this.headBytes} bytes, more than ${this.maxHeadBytes} (option response-headers-limit)`,
      );
    this.#ask(this.listenerFilters, self, given, completeBody);
    this.remaining = settleLength(given.headers, this.encoders !== undefined);
    return given;
  }

  /** In place of a head that cannot be sent. */
  #replace(fault: string): ResponseHead {
    this.complain(`${fault}: answered 500 instead`);
    this.encoders?.destroy();
    this.encoders = undefined;
    const replacement = errorHead(500);
    this.#setBodyless(replacement);
    this.account(replacement);
    return replacement;
  }

  #setBodyless({ status }: ResponseHead): void {
    this.bodyless = this.isHead || status === 204 || status === 304;
  }

  #ask(
    filters: readonly ResponseFilter[],
    self: Exchange,
    head: ResponseHead,
    completeBody: Uint8Array | undefined,
  ): void {
    for (const filter of filters) {
      // What an encoder makes of the body is not known yet.
      const encoder = filter.filterHead(self, head, this.encoders === undefined ? completeBody : undefined);
      if (encoder !== undefined) (this.encoders ??= new EncoderChain(this)).append(encoder);
    }
  }

  /** @returns what the declared length still allows of a body: what exceeds it would be taken for the next answer, so nobody gets it */
  protected fit(content: Uint8Array): Uint8Array {
    const { remaining } = this;
    if (remaining === undefined || content.length <= remaining) return content;
    if (!this.#isExcessTold) {
      const lengths = `${content.length} bytes where its Content-Length allows ${remaining} more`;
      this.complain(`the app sent ${lengths}: the rest is dropped`);
    }
    this.#isExcessTold = true;
    return content.subarray(0, remaining);
  }

  /** Counts as uWSGI does: the status line, the header lines and the blank line, before what the connection adds. */
  protected account(head: ResponseHead): void {
    this.status = head.status;
    this.headBytes = measureHead(this.protocol, head);
    this.headerCount = head.headers.length >> 1;
  }
}
