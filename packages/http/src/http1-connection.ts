import { Buffer } from 'node:buffer';

import type { Stream } from '@emperor/transport';

import { errorHead } from './base-exchange.ts';
import type { ServedConnection } from './connection-server.ts';
import { ChunkedDecoder, LengthDecoder } from './body-framing.ts';
import type { RequestBody, ResponseFilter } from './exchange.ts';
import { type BodyFraming, type ParsedHead, parseHead, type RequestOrigin } from './head-parser.ts';
import { HttpError, reasonPhrase } from './http-error.ts';
import type { HttpServer } from './http-server.ts';
import { Http1Exchange, type Http1Peer, type Outcome } from './http1-exchange.ts';
import { type BodySource, EMPTY_BODY, IncomingBody } from './request-body.ts';
import type { Expiring } from './timer-wheel.ts';

const HEAD_END = '\r\n\r\n';
const CR = 13;
const LF = 10;

/**
 * A body of known length is collected up to this size before the request is handed on, so that a slow client
 * never occupies a worker with a form; what is larger is pulled by the answerer.
 */
const COLLECT_BYTES = 65536;
/** Input held while an answer is made: pipelined requests beyond it wait in the kernel. */
const PIPELINE_BYTES = 65536;
/** After an answer, an unread body up to this size is read off so that the connection can go on; a larger one costs the connection. */
const DISCARD_BYTES = 262144;
/** How long a closed connection may still send before it is cut; without this the kernel would reset it and could take the answer along. */
const LINGER_MS = 2000;

type State = 'idle' | 'head' | 'collecting' | 'answering' | 'discarding' | 'lingering' | 'closed';

/** One HTTP/1 connection: reads requests one after the other, pipelined ones too, and has each answered before it reads the next. */
export class Http1Connection implements ServedConnection, Http1Peer, BodySource, Expiring {
  deadlineMs: number;
  readonly #server: HttpServer;
  readonly #stream: Stream;
  readonly #origin: RequestOrigin;
  #state: State = 'idle';
  /** Bytes that arrived and are not used yet. */
  #input: Buffer | undefined;
  #exchange: Http1Exchange | undefined;
  #parsed: ParsedHead | undefined;
  #body: IncomingBody | undefined;
  #outcome: Outcome = 'persist';
  #peerEnded = false;
  #pausedByBody = false;
  #pausedByInput = false;
  #processing = false;
  #continueSent = false;
  #pendingAtDeadline = 0;

  constructor(server: HttpServer, stream: Stream) {
    const { settings } = server;
    this.#server = server;
    this.#stream = stream;
    this.#origin = {
      serverName: settings.serverName,
      serverPort: settings.serverPort,
      remoteAddress: stream.remoteAddress,
      remotePort: settings.router === undefined ? undefined : String(stream.remotePort),
      router: settings.router,
      secure: settings.secure,
    };
    this.deadlineMs = performance.now() + settings.limits.headTimeoutMs;
    server.wheel.watch(this);
  }

  // ---- from the transport

  onData(chunk: Buffer): void {
    if (this.#state === 'lingering' || this.#state === 'closed') return;
    this.#input = this.#input === undefined ? chunk : Buffer.concat([this.#input, chunk]);
    this.#process();
    // What stays must be copied: the chunk belongs to the transport.
    if (this.#input !== undefined && this.#input.buffer === chunk.buffer) this.#input = Buffer.from(this.#input);
  }

  onEnd(): void {
    this.#peerEnded = true;
    switch (this.#state) {
      case 'idle':
      case 'lingering':
        this.#stream.end();
        break;
      case 'head':
      case 'discarding':
        this.destroy();
        break;
      case 'collecting':
        this.#server.settings.complain(`${this.#origin.remoteAddress}: closed in the middle of a request body`);
        this.destroy();
        break;
      case 'answering':
        if (this.#body !== undefined && !this.#body.finished) {
          this.#body.fail(new Error('the client closed the connection in the middle of the request body'));
        }
        break;
      case 'closed':
        break;
      default:
        this.#state satisfies never;
    }
  }

  onDrain(): void {
    this.#exchange?.drained();
  }

  onClose(_error?: Error): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#server.wheel.unwatch(this);
    this.#server.connectionClosed(this);
    this.#input = undefined;
    const exchange = this.#exchange;
    this.#body?.fail(new Error('the client is gone'));
    exchange?.clientGone();
  }

  // ---- reading requests

  /** Uses up the input as far as the state allows. Not re-entered: an answer made inside the loop goes on in the loop. */
  #process(): void {
    if (this.#processing) return;
    this.#processing = true;
    try {
      while (this.#input !== undefined && this.#step(this.#input));
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#processing = false;
    }
    this.#boundInput();
  }

  /** @returns false when more bytes, or the end of the current answer, must be awaited */
  #step(input: Buffer): boolean {
    switch (this.#state) {
      case 'idle':
      case 'head':
        return this.#readHead(input);
      case 'collecting':
      case 'answering':
      case 'discarding': {
        const body = this.#body;
        if (body === undefined || body.finished || this.#pausedByBody) return false;
        this.#consume(input, body.push(input));
        this.#bodyArrived(body);
        return true;
      }
      case 'lingering':
      case 'closed':
        this.#input = undefined;
        return false;
      default:
        return this.#state satisfies never;
    }
  }

  #consume(input: Buffer, bytes: number): void {
    this.#input = bytes === input.length ? undefined : input.subarray(bytes);
  }

  #readHead(input: Buffer): boolean {
    const { limits } = this.#server.settings;
    let start = 0;
    // An empty line before a request is ignored (RFC 9112 section 2.2).
    while (start + 1 < input.length && input[start] === CR && input[start + 1] === LF) start += 2;
    const end = input.indexOf(HEAD_END, start, 'latin1');
    const length = (end < 0 ? input.length : end + 2) - start;
    if (length > limits.headBytes) {
      const line = input.indexOf(LF, start);
      const status = line < 0 || line - start > limits.headBytes ? 414 : 431;
      throw new HttpError(status, `the request head is longer than ${limits.headBytes} bytes (option buffer-size)`);
    }
    if (end < 0) {
      this.#awaitHead(input, start);
      return false;
    }
    const parsed = parseHead(input.toString('latin1', start, end + 2), this.#origin);
    if (parsed.variables.measure().bytes > limits.headBytes) {
      throw new HttpError(
        431,
        `the request's variables are longer than ${limits.headBytes} bytes (option buffer-size)`,
      );
    }
    this.#consume(input, end + 4);
    this.#beginRequest(parsed);
    return true;
  }

  /** A head is bounded in time from its first byte, however slowly the others drip in. */
  #awaitHead(input: Buffer, start: number): void {
    const first = input.length > start ? (input[start] ?? 0) : 0x41;
    // TLS handshakes and other binary talk are refused at their first byte instead of after the time-out.
    if (first !== CR && (first < 0x21 || first > 0x7e)) throw new HttpError(400, 'this is not HTTP');
    if (this.#state === 'head') return;
    this.#state = 'head';
    this.#setDeadline(this.#server.settings.limits.headTimeoutMs);
  }

  #beginRequest(parsed: ParsedHead): void {
    const { framing } = parsed;
    const { limits } = this.#server.settings;
    this.#parsed = parsed;
    this.#continueSent = false;
    if (framing.kind === 'length' && framing.bytes === 0) {
      this.#body = undefined;
      this.#answer(EMPTY_BODY);
      return;
    }
    if (framing.kind === 'length' && limits.bodyBytes > 0 && framing.bytes > limits.bodyBytes) {
      throw new HttpError(
        413,
        `the body has ${framing.bytes} bytes, more than ${limits.bodyBytes} (option limit-post)`,
      );
    }
    this.#body = this.#makeBody(framing);
    if (framing.kind === 'length' && !parsed.expectsContinue) {
      this.#state = 'collecting';
      this.#setDeadline(limits.bodyTimeoutMs);
    } else {
      this.#answer(this.#body);
    }
  }

  #makeBody(framing: BodyFraming): IncomingBody {
    return framing.kind === 'length'
      ? new IncomingBody(framing.bytes, new LengthDecoder(framing.bytes), this)
      : new IncomingBody(undefined, new ChunkedDecoder(), this);
  }

  #bodyArrived(body: IncomingBody): void {
    const { limits } = this.#server.settings;
    if (body.length === undefined && limits.bodyBytes > 0 && body.receivedBytes > limits.bodyBytes) {
      throw new HttpError(413, `the body is longer than ${limits.bodyBytes} bytes (option limit-post)`);
    }
    if (!body.finished) this.#setDeadline(limits.bodyTimeoutMs);
    if (this.#state === 'collecting' && (body.finished || body.heldBytes >= COLLECT_BYTES)) this.#answer(body);
    else if (this.#state === 'answering') this.#holdBody(body);
    else if (this.#state === 'discarding') this.#discarded(body);
  }

  /** Nobody receives yet: the client waits after a bounded amount. */
  #holdBody(body: IncomingBody): void {
    if (body.heldBytes >= COLLECT_BYTES) body.pause();
  }

  #answer(body: RequestBody): void {
    const parsed = this.#parsed;
    if (parsed === undefined) throw new Error('no request to answer');
    this.#state = 'answering';
    this.#outcome = 'persist';
    const exchange = new Http1Exchange(this.#server.settings.listener, parsed, body, this);
    this.#exchange = exchange;
    this.#server.settings.handle(exchange);
  }

  /** Input that cannot be used yet is kept only up to a bound: the rest waits in the kernel. */
  #boundInput(): void {
    const full = (this.#input?.length ?? 0) > PIPELINE_BYTES;
    if (full === this.#pausedByInput) return;
    this.#pausedByInput = full;
    if (full) this.#stream.pause();
    else if (!this.#pausedByBody) this.#stream.resume();
  }

  // ---- from the body

  bodyWanted(): void {
    if (this.#parsed?.expectsContinue !== true || this.#continueSent || this.#exchange?.responded === true) return;
    this.#continueSent = true;
    if ((this.#body?.receivedBytes ?? 0) === 0) this.#stream.write('HTTP/1.1 100 Continue\r\n\r\n');
  }

  bodyPaused(paused: boolean): void {
    this.#pausedByBody = paused;
    if (paused) {
      this.#stream.pause();
      return;
    }
    if (this.#body?.finished === false) this.#setDeadline(this.#server.settings.limits.bodyTimeoutMs);
    this.#process();
    if (!this.#pausedByBody && !this.#pausedByInput) this.#stream.resume();
  }

  // ---- from the exchange

  get filters(): readonly ResponseFilter[] {
    return this.#server.settings.filters;
  }

  mayPersist(): boolean {
    if (!this.#server.settings.keepAlive || this.#server.draining || this.#peerEnded) return false;
    if (this.#parsed?.persistent !== true || this.#outcome !== 'persist') return false;
    const body = this.#body;
    if (body === undefined || body.finished) return true;
    // The client still waits for "100 Continue": whether it will send the body is unknown (RFC 9110 section 10.1.1).
    if (this.#parsed.expectsContinue && !this.#continueSent) return false;
    return body.length !== undefined && body.length - body.receivedBytes <= DISCARD_BYTES;
  }

  send(bytes: Uint8Array | string): boolean {
    return this.#stream.write(bytes);
  }

  cork(): void {
    this.#stream.cork();
  }

  uncork(): void {
    this.#stream.uncork();
  }

  complain(exchange: Http1Exchange, message: string): void {
    const { variables } = exchange;
    this.#server.settings.complain(
      `${message} [${variables.get('REQUEST_METHOD') ?? ''} ${variables.get('REQUEST_URI') ?? ''}] (${this.#origin.remoteAddress})`,
    );
  }

  exchangeFinished(exchange: Http1Exchange, outcome: Outcome): void {
    this.#exchange = undefined;
    this.#server.settings.finished(exchange);
    if (this.#state === 'closed') return;
    const body = this.#body;
    if (outcome === 'reset') {
      this.destroy();
    } else if (outcome === 'close' || this.#peerEnded) {
      body?.discard();
      this.#linger();
    } else if (body !== undefined && !body.finished) {
      this.#state = 'discarding';
      this.#setDeadline(this.#server.settings.limits.bodyTimeoutMs);
      body.discard();
      this.#process();
    } else {
      this.#nextRequest();
    }
  }

  // ---- between requests and at the end

  #discarded(body: IncomingBody): void {
    if (body.finished) this.#nextRequest();
  }

  #nextRequest(): void {
    this.#state = 'idle';
    this.#body = undefined;
    this.#parsed = undefined;
    if (this.#server.draining) {
      this.#linger();
      return;
    }
    this.#setDeadline(this.#server.settings.limits.idleTimeoutMs);
    this.#process();
  }

  /** Half-closes, then reads off for a moment what the client still sends (RFC 9112 section 9.6). */
  #linger(): void {
    this.#state = 'lingering';
    this.#input = undefined;
    this.#pausedByBody = false;
    this.#pausedByInput = false;
    this.#setDeadline(
      Math.max(LINGER_MS, this.#stream.pendingBytes > 0 ? this.#server.settings.limits.writeTimeoutMs : 0),
    );
    this.#stream.end();
    this.#stream.resume();
  }

  /** Answers a request that could not be accepted, and closes. */
  #refuse(error: unknown): void {
    if (this.#state === 'closed') return;
    if (!(error instanceof HttpError)) throw error;
    this.#server.settings.complain(
      `refused a request from ${this.#origin.remoteAddress} with ${error.status}: ${error.message}`,
    );
    const exchange = this.#exchange;
    if (exchange !== undefined) {
      this.#outcome = 'close';
      this.#body?.fail(error);
      if (exchange.responded) {
        this.destroy();
        return;
      }
      exchange.respond(errorHead(error.status), Buffer.from(reasonPhrase(error.status)));
      return;
    }
    const reason = reasonPhrase(error.status);
    this.#stream.write(
      `HTTP/1.1 ${error.status} ${reason}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${reason.length}\r\n\r\n${reason}`,
    );
    this.#linger();
  }

  closeWhenIdle(): void {
    if (this.#state === 'idle') this.#linger();
  }

  destroy(): void {
    this.#stream.destroy();
    this.onClose();
  }

  #setDeadline(delayMs: number): void {
    const wanted = performance.now() + delayMs;
    const earlier = wanted < this.deadlineMs;
    this.deadlineMs = wanted;
    if (earlier) this.#server.wheel.watch(this);
  }

  onDeadline(): void {
    switch (this.#state) {
      case 'idle':
        this.#linger();
        return;
      case 'head':
      case 'collecting':
        this.#refuse(
          new HttpError(
            408,
            this.#state === 'head' ? 'the request head took too long' : 'the request body took too long',
          ),
        );
        return;
      case 'answering':
        this.#answerDeadline();
        return;
      case 'discarding':
      case 'lingering':
        this.destroy();
        return;
      case 'closed':
        return;
      default:
        this.#state satisfies never;
    }
  }

  /** While an answer is made nothing is timed exactly: the deadline only comes by to see whether the client still does its part. */
  #answerDeadline(): void {
    const { limits } = this.#server.settings;
    const pending = this.#stream.pendingBytes;
    if (pending > 0 && this.#pendingAtDeadline > 0 && pending >= this.#pendingAtDeadline) {
      this.#server.settings.complain(
        `${this.#origin.remoteAddress} took nothing of its answer in time: connection cut`,
      );
      this.destroy();
      return;
    }
    this.#pendingAtDeadline = pending;
    const awaitsBody = this.#body !== undefined && !this.#body.finished && !this.#pausedByBody;
    if (pending === 0 && awaitsBody && (this.#parsed?.expectsContinue !== true || this.#continueSent)) {
      this.#refuse(new HttpError(408, 'the request body took too long'));
      return;
    }
    this.deadlineMs = performance.now() + limits.writeTimeoutMs;
  }
}
