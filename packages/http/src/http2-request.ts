import { Buffer } from 'node:buffer';
import { constants, type ServerHttp2Stream } from 'node:http2';

import { RawDecoder } from './body-framing.ts';
import { lateBody } from './declared-body.ts';
import type { RequestBody, ResponseFilter } from './exchange.ts';
import { NO_BODY, type ParsedHead } from './head-parser.ts';
import { HttpError, reasonPhrase } from './http-error.ts';
import { Http2Exchange, type Http2Peer } from './http2-exchange.ts';
import type { HttpServer, HttpServerSettings } from './http-server.ts';
import { type BodySource, EMPTY_BODY, IncomingBody } from './request-body.ts';
import { aboutRequest } from './request-complaint.ts';
import type { Expiring } from './timer-wheel.ts';

const NOTHING = Buffer.alloc(0);
/** Written at once, so that it can be seen whether a slow client takes anything. */
const PIECE_BYTES = 65_536;
/** How long the end of a stream may take to reach a client. */
const RESET_MS = 2000;
const { NGHTTP2_NO_ERROR, NGHTTP2_INTERNAL_ERROR, NGHTTP2_CANCEL } = constants;

/** One stream of an HTTP/2 connection: a request, its body, its answer, and the deadlines of each. */
export class Http2Request implements Http2Peer, BodySource, Expiring {
  deadlineMs: number = Infinity;
  awaitsContinue: boolean = false;
  readonly #server: HttpServer;
  /** Those the request began with. */
  readonly #serving: HttpServerSettings;
  readonly #stream: ServerHttp2Stream;
  readonly #clientName: string;
  #exchange: Http2Exchange | undefined;
  #body: IncomingBody | undefined;
  #congested = false;
  #writtenBytes = 0;
  #sentAtLook = -1;
  /** The stream was reset, which the client should soon see. */
  #isReset = false;
  readonly #cutConnection: () => void;

  /** @param cutConnection for a client that does not even take the end of this stream */
  constructor(server: HttpServer, stream: ServerHttp2Stream, clientName: string, cutConnection: () => void) {
    this.#cutConnection = cutConnection;
    this.#server = server;
    this.#serving = server.settings;
    this.#stream = stream;
    this.#clientName = clientName;
    // What goes wrong shows as its end.
    stream.on('error', () => undefined);
    stream.on('close', () => this.#closed());
    stream.on('drain', () => {
      this.#congested = false;
      this.#exchange?.drained();
    });
  }

  /** Has the request answered. */
  begin(parsed: ParsedHead, endsWithHead: boolean): void {
    const { settings } = this.#server;
    const exchange = new Http2Exchange(settings.listener, parsed, this.#openBody(parsed, endsWithHead), this);
    this.#exchange = exchange;
    settings.handle(exchange);
  }

  #openBody({ framing, expectsContinue }: ParsedHead, endsWithHead: boolean): RequestBody {
    if (endsWithHead) return EMPTY_BODY;
    const { bodyBytes } = this.#serving.limits;
    const length = framing.kind === 'length' && framing !== NO_BODY ? framing.bytes : undefined;
    if (length !== undefined && bodyBytes > 0 && length > bodyBytes)
      throw new HttpError(413, `the body has ${length} bytes, more than ${bodyBytes} (option limit-post)`);
    const decoder = new RawDecoder();
    const body = new IncomingBody(length, decoder, this);
    this.#body = body;
    this.awaitsContinue = expectsContinue;
    if (!expectsContinue) this.#awaitBody();
    this.#stream.on('data', (chunk: Buffer) => this.#receive(chunk, body));
    this.#stream.on('end', () => {
      decoder.end();
      body.push(NOTHING);
    });
    return body;
  }

  #receive(chunk: Buffer, body: IncomingBody): void {
    const { bodyBytes } = this.#serving.limits;
    this.awaitsContinue = false;
    this.#awaitBody();
    body.push(chunk);
    if (bodyBytes > 0 && body.receivedBytes > bodyBytes)
      this.#giveUp(new HttpError(413, `the body is longer than ${bodyBytes} bytes (option limit-post)`));
  }

  /** Answers a request that could not be accepted. */
  refuse({ status, message }: HttpError): void {
    this.#serving.complain(`refused a request from ${this.#clientName} with ${status}: ${message}`);
    if (this.#stream.destroyed) return;
    const reason = reasonPhrase(status);
    this.sendFields(
      [':status', String(status), 'content-type', 'text/plain', 'content-length', String(reason.length)],
      false,
    );
    this.send(Buffer.from(reason));
    this.end();
  }

  /** The request cannot be completed. */
  #giveUp(error: HttpError): void {
    const { status, message } = error;
    if (this.#exchange?.responded === false) {
      this.#serving.complain(`refused a request from ${this.#clientName} with ${status}: ${message}`);
      this.#exchange.refuse(status);
    } else {
      this.#stream.close(NGHTTP2_CANCEL);
    }
    this.#body?.fail(error);
  }

  #closed(): void {
    this.#server.wheel.unwatch(this);
    this.#exchange?.clientGone();
    if (this.#body?.finished === false) this.#body.fail(new Error('the client is gone'));
  }

  // ---- from the body

  bodyWanted(): void {
    if (!this.awaitsContinue) return;
    this.awaitsContinue = false;
    if (this.#exchange?.responded === false && !this.#stream.destroyed)
      this.#stream.additionalHeaders({ ':status': 100 });
    this.#awaitBody();
  }

  bodyPaused(paused: boolean): void {
    if (paused) {
      this.#stream.pause();
    } else {
      this.#stream.resume();
      this.#awaitBody();
    }
  }

  // ---- from the exchange

  get filters(): readonly ResponseFilter[] {
    return this.#serving.filters;
  }

  get maxAnswerHeadBytes(): number {
    return this.#serving.limits.answerHeadBytes;
  }

  sendFields(fields: string[], ends: boolean): void {
    if (this.#stream.destroyed || this.#stream.closed) return;
    try {
      this.#stream.respond(fields, { endStream: ends, sendDate: false } as { endStream: boolean });
    } catch (error) {
      // A status above 599, for one, is more than HTTP/2 sends here.
      this.#serving.complain(
        `an answer cannot be sent over HTTP/2: ${error instanceof Error ? error.message : String(error)}`,
      );
      this.cut();
    }
  }

  send(chunk: Uint8Array): boolean {
    const stream = this.#stream;
    if (stream.destroyed || stream.writableEnded) return true;
    let takesMore = true;
    // Node keeps what it is given until the client has room for it, and the chunk is lent.
    for (let from = 0; from < chunk.length; from += PIECE_BYTES)
      takesMore = stream.write(Buffer.from(chunk.subarray(from, from + PIECE_BYTES)));
    this.#writtenBytes += chunk.length;
    if (!takesMore && !this.#congested) {
      this.#congested = true;
      this.#setDeadline(this.#serving.limits.writeTimeoutMs);
    }
    return takesMore;
  }

  end(): void {
    this.#stream.end();
    if (this.#stream.writableLength > 0) this.#setDeadline(this.#serving.limits.writeTimeoutMs);
  }

  cut(): void {
    this.#stream.close(NGHTTP2_INTERNAL_ERROR);
  }

  exchangeFinished(exchange: Http2Exchange): void {
    this.#exchange = undefined;
    this.#serving.finished(exchange);
    this.#stopReceiving();
  }

  /** The answer is complete: what the client still sends is not wanted (RFC 9113 section 8.1). */
  #stopReceiving(): void {
    const stream = this.#stream;
    // Without a body Node ends the stream by itself.
    if (this.#body === undefined) return;
    this.#body.discard();
    if (stream.destroyed || this.#body.finished) return;
    const close = (): void => stream.close(NGHTTP2_NO_ERROR);
    // Not at once: the reset would overtake the head of an answer that has no body.
    if (stream.writableFinished) setImmediate(close);
    else stream.once('finish', close);
  }

  complain({ variables }: Http2Exchange, message: string): void {
    this.#serving.complain(aboutRequest(variables, message));
  }

  // ---- deadlines

  #awaitBody(): void {
    this.#setDeadline(this.#serving.limits.bodyTimeoutMs);
  }

  #setDeadline(delayMs: number): void {
    const wanted = performance.now() + delayMs;
    const isFirst = this.deadlineMs === Infinity;
    const isEarlier = wanted < this.deadlineMs;
    this.deadlineMs = wanted;
    if (isFirst || isEarlier) this.#server.wheel.watch(this);
  }

  onDeadline(): void {
    const { limits } = this.#serving;
    if (this.#isReset) {
      this.deadlineMs = Infinity;
      this.#cutConnection();
      return;
    }
    const pending = this.#stream.writableLength;
    if (pending > 0) {
      const sent = this.#writtenBytes - pending;
      if (sent === this.#sentAtLook) {
        this.#serving.complain(`${this.#clientName} took nothing of its answer in time: stream cut`);
        this.#isReset = true;
        this.#stream.close(NGHTTP2_CANCEL);
        this.#setDeadline(RESET_MS);
        return;
      }
      this.#sentAtLook = sent;
      this.#setDeadline(limits.writeTimeoutMs);
    } else if (this.#body?.finished === false && !this.#stream.isPaused() && !this.awaitsContinue) {
      this.#giveUp(lateBody(this.#body));
    } else {
      this.#setDeadline(limits.writeTimeoutMs);
    }
  }
}
