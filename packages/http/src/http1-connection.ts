import { Buffer } from 'node:buffer';

import type { ClientCertificate, Stream } from '@emperor/transport';

import type { Outcome } from './byte-stream-exchange.ts';
import { ClientConnection } from './client-connection.ts';
import { checkBody, makeBody } from './declared-body.ts';
import type { RequestBody, ResponseFilter } from './exchange.ts';
import { NO_BODY, type ParsedHead } from './head-parser.ts';
import { readHead, skipEmptyLines } from './head-reader.ts';
import { HttpError } from './http-error.ts';
import type { HttpServer, HttpServerSettings } from './http-server.ts';
import { Http1Exchange, type Http1Peer } from './http1-exchange.ts';
import { EMPTY_BODY, type IncomingBody } from './request-body.ts';
import { type RequestOrigin, requestOrigin } from './request-origin.ts';
import { refusalText } from './response-head.ts';

/** Input held while an answer is made: pipelined requests beyond it wait in the kernel. */
const PIPELINE_BYTES = 65_536;
/** After an answer, an unread body up to this size is read off so that the connection can go on; a larger one costs the connection. */
const DISCARD_BYTES = 262_144;

/** One HTTP/1 connection: reads requests one after the other, pipelined ones too, and has each answered before it reads the next. */
export class Http1Connection extends ClientConnection<Http1Exchange> implements Http1Peer {
  readonly #server: HttpServer;
  readonly #origin: RequestOrigin;
  /** Those the current exchange began with. */
  #serving: HttpServerSettings;
  /** Bytes that arrived and are not used yet. */
  #input: Buffer | undefined;
  #parsed: ParsedHead | undefined;
  #processing = false;
  /** The client holds its body back until it is told to go on. */
  #awaitsContinue = false;

  constructor(server: HttpServer, stream: Stream, clientCertificate?: ClientCertificate) {
    super(server, stream);
    this.#server = server;
    this.#serving = server.settings;
    this.#origin = requestOrigin(server.settings, stream, clientCertificate);
  }

  protected get peerName(): string {
    return this.#origin.remoteAddress;
  }

  // ---- from the transport

  onData(chunk: Buffer): void {
    if (this.state === 'lingering' || this.state === 'closed') return;
    this.#input = this.#input === undefined ? chunk : Buffer.concat([this.#input, chunk]);
    this.process();
    // What stays must be copied: the chunk belongs to the transport.
    if (this.#input?.buffer === chunk.buffer) this.#input = Buffer.from(this.#input);
    else if (this.state === 'answering' && this.expectsNoMore()) this.stream.expectNothing?.();
  }

  onEnd(): void {
    this.peerEnded = true;
    this.process();
  }

  // ---- reading requests

  /** Uses up the input as far as the state allows. Not re-entered: an answer made inside the loop goes on in the loop. */
  protected process(): void {
    if (this.#processing) return;
    this.#processing = true;
    try {
      while (this.#input !== undefined && this.#step(this.#input));
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.refuse(error);
    } finally {
      this.#processing = false;
    }
    if (this.peerEnded) this.#inputEnded();
    // Input that cannot be used yet is kept only up to a bound: the rest waits in the kernel.
    this.pausedByInput = (this.#input?.length ?? 0) > PIPELINE_BYTES;
    this.updateFlow();
  }

  /** @returns false when more bytes, or the end of the current answer, must be awaited */
  #step(input: Buffer): boolean {
    switch (this.state) {
      case 'idle':
      case 'head':
        return this.#readRequest(input);
      case 'answering':
      case 'discarding': {
        const { body } = this;
        if (body === undefined || body.finished || this.pausedByBody) return false;
        this.#feed(input, body);
        return true;
      }
      case 'lingering':
      case 'closed':
        this.#input = undefined;
        return false;
      default:
        return this.state satisfies never;
    }
  }

  #consume(input: Buffer, bytes: number): void {
    this.#input = bytes === input.length ? undefined : input.subarray(bytes);
  }

  #readRequest(input: Buffer): boolean {
    // Who does not read answers gets no more of them.
    if (this.congested) return false;
    const start = skipEmptyLines(input);
    if (start > 0) {
      this.#consume(input, start);
      return true;
    }
    const { limits } = this.#server.settings;
    const head = readHead(input, limits.headBytes, this.#origin);
    if (head !== undefined) {
      this.#consume(input, head.bytes);
      this.#beginRequest(head.parsed);
      return true;
    }
    // A head is bounded in time from its first byte, however slowly the others drip in.
    if (this.state === 'idle') {
      this.state = 'head';
      this.setDeadline(limits.headTimeoutMs);
    }
    return false;
  }

  #beginRequest(parsed: ParsedHead): void {
    const { framing } = parsed;
    this.#parsed = parsed;
    if (framing === NO_BODY) {
      this.#answer(EMPTY_BODY);
      return;
    }
    const { limits } = this.#server.settings;
    checkBody(parsed, limits);
    const body = makeBody(framing, limits, this);
    this.body = body;
    // A client that has sent some of its body already does not wait for permission.
    this.#awaitsContinue = parsed.expectsContinue && this.#input === undefined;
    if (!this.#awaitsContinue) this.awaitBody();
    // What is there already is decoded first: most bodies are complete when their exchange is opened.
    if (this.#input !== undefined) this.#feed(this.#input, body);
    this.#answer(body);
  }

  #feed(input: Buffer, body: IncomingBody): void {
    this.#consume(input, body.push(input));
    // The answer may have been given meanwhile.
    if (this.body !== body || this.state === 'lingering' || this.state === 'closed') return;
    const { bodyBytes } = this.#server.settings.limits;
    if (body.length === undefined && bodyBytes > 0 && body.receivedBytes > bodyBytes)
      throw new HttpError(413, `the body is longer than ${bodyBytes} bytes (option limit-post)`);
    this.#awaitsContinue = false;
    if (body.finished) {
      if (this.state === 'discarding') this.#nextRequest();
    } else if (!this.pausedByBody) {
      this.awaitBody();
    }
  }

  #answer(body: RequestBody): void {
    if (this.#parsed === undefined) throw new Error('no request to answer');
    this.state = 'answering';
    const { settings } = this.#server;
    this.#serving = settings;
    const exchange = new Http1Exchange(settings.listener, this.#parsed, body, this);
    this.exchange = exchange;
    settings.handle(exchange);
  }

  /** The client has half-closed, and what came before that is used up as far as it can be now. */
  #inputEnded(): void {
    switch (this.state) {
      case 'idle':
        if (this.#input === undefined) this.linger();
        return;
      case 'head':
        this.refuse(new HttpError(400, 'the client closed the connection in the middle of the request head'));
        return;
      case 'answering':
        if (this.#input === undefined) this.bodyEnded();
        return;
      case 'discarding':
        this.linger();
        return;
      case 'lingering':
      case 'closed':
        return;
      default:
        this.state satisfies never;
    }
  }

  // ---- from the body

  get awaitsContinue(): boolean {
    return this.#awaitsContinue;
  }

  bodyWanted(): void {
    // What came behind the request was for the other protocol already.
    if (this.switched !== undefined) this.process();
    if (!this.#awaitsContinue) return;
    this.#awaitsContinue = false;
    if (this.exchange?.responded === false) this.stream.write('HTTP/1.1 100 Continue\r\n\r\n');
    this.awaitBody();
  }

  // ---- from the exchange

  get filters(): readonly ResponseFilter[] {
    return this.#serving.filters;
  }

  mayPersist(): boolean {
    if (!this.#server.settings.keepAlive || this.#server.draining || this.#parsed?.persistent !== true) return false;
    if (this.peerEnded && this.#input === undefined) return false;
    const { body } = this;
    if (body === undefined || body.finished) return true;
    // Whether a client that waits for "100 Continue" will send its body is unknown (RFC 9110 section 10.1.1).
    return !this.#awaitsContinue && body.length !== undefined && body.length - body.receivedBytes <= DISCARD_BYTES;
  }

  exchangeFinished(exchange: Http1Exchange, outcome: Outcome): void {
    this.exchange = undefined;
    this.#serving.finished(exchange);
    if (this.state === 'closed') return;
    if (outcome === 'reset') {
      this.destroy();
    } else if (outcome === 'close') {
      this.linger();
    } else if (this.body?.finished === false) {
      this.state = 'discarding';
      this.awaitBody();
      this.body.discard();
      this.process();
    } else {
      this.body?.discard();
      this.#nextRequest();
    }
  }

  // ---- between requests and at the end

  #nextRequest(): void {
    this.forgetBody();
    this.#parsed = undefined;
    this.state = 'idle';
    this.setDeadline(this.#server.idleMs);
    this.process();
  }

  /** Answers a request that could not be accepted, and closes. */
  protected refuse(error: HttpError): void {
    if (this.state === 'lingering' || this.state === 'closed') return;
    const { status, message } = error;
    this.#server.settings.complain(`refused a request from ${this.peerName} with ${status}: ${message}`);
    const { exchange, body } = this;
    if (exchange === undefined) {
      // In `discarding` the answer has been given already.
      if (this.state !== 'discarding') this.stream.write(refusalText(status));
      this.linger();
    } else if (exchange.responded) {
      this.destroy();
    } else {
      this.forgetBody();
      this.#parsed = undefined;
      exchange.refuse(status);
      body?.fail(error);
    }
  }

  protected expectsNoMore(): boolean {
    return this.#parsed?.persistent === false && this.#input === undefined && this.body?.finished !== false;
  }

  protected override linger(): void {
    super.linger();
    this.#input = undefined;
  }
}
