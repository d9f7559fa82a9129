import type { Buffer } from 'node:buffer';

import {
  type Exchange,
  type Expiring,
  HttpError,
  LAST_CHUNK,
  type ResponseHead,
  ResponseParser,
  type ResponseReceiver,
  sendChunk,
} from '@emperor/http';

import type { AnswerRelay } from './answer-relay.ts';
import { announceClient } from './announced-client.ts';
import type { Backend } from './backend.ts';
import type { BackendConnection, ConnectionUser } from './backend-connection.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { connectionError } from './connection-error.ts';
import { type BodySink, LiveBody, type OutgoingBody } from './outgoing-body.ts';
import type { RequestWire } from './request-wire.ts';
import { upgradeOffer } from './upgrade-offer.ts';
import type { UpstreamSettings } from './upstream-settings.ts';

/** Why a backend did not answer. */
export type AttemptFailure =
  /** No connection was made. `crowded`: its queue of connections is full at the moment. */
  | { readonly kind: 'unreachable'; readonly reason: string; readonly timedOut: boolean; readonly crowded: boolean }
  /** The connection ended before the first byte of an answer. `unread`: the backend has said that it did not read the request. */
  | { readonly kind: 'no-answer'; readonly reason: string; readonly reused: boolean; readonly unread: boolean }
  /** The answer is broken or incomplete, or did not come in time. */
  | { readonly kind: 'bad-answer'; readonly reason: string; readonly status: 431 | 502 | 504 }
  /** The client, or what was stored of its body, failed: not the backend's fault. */
  | { readonly kind: 'body-failed'; readonly reason: string };

/** What an attempt works on and reports to. */
export interface AttemptOwner {
  readonly exchange: Exchange;
  readonly settings: UpstreamSettings;
  readonly pool: ConnectionPool;
  /** Another one after a switch of protocols: what the client says then. */
  body: OutgoingBody;
  readonly relay: AnswerRelay;
  reached(backend: Backend): void;
  answered(): void;
  failed(attempt: Attempt, failure: AttemptFailure): void;
}

/** One request sent to one backend on one connection. */
export class Attempt implements ConnectionUser, BodySink, ResponseReceiver, Expiring {
  deadlineMs: number = Infinity;
  readonly backend: Backend;
  readonly #owner: AttemptOwner;
  readonly #wire: RequestWire;
  readonly #parser: ResponseParser;
  #connection: BackendConnection | undefined;
  #bodySent = false;
  /** HTTP is over: bytes go both ways as they come. */
  #switched = false;
  /** The body goes out in chunks: its length is not known. */
  readonly #chunked: boolean;
  /** The backend is behind with taking the request. */
  #congested = false;
  /** The client is behind with taking the answer. */
  #clientBehind = false;
  #over = false;

  constructor(owner: AttemptOwner, backend: Backend, wire: RequestWire) {
    this.#owner = owner;
    this.backend = backend;
    this.#wire = wire;
    this.#chunked = owner.body.length === undefined;
    const isHead = owner.exchange.variables.get('REQUEST_METHOD') === 'HEAD';
    this.#parser = new ResponseParser(this, isHead, wire.agreementToken);
  }

  /** @param fresh a new connection must be made */
  begin(fresh: boolean): void {
    const { pool, settings } = this.#owner;
    this.backend.active++;
    this.#connection = fresh || settings.sendProxyProtocol ? undefined : pool.take(this.backend, this);
    if (this.#connection !== undefined) {
      this.#send(this.#connection);
      return;
    }
    this.#awaitWithin(settings.connectTimeoutMs);
    this.#connection = pool.connect(this.backend, this);
  }

  /** Nobody waits for the answer any more. */
  abandon(): void {
    if (!this.#over) this.#letGo()?.destroy();
  }

  pause(): void {
    this.#clientBehind = true;
    this.#connection?.pause();
  }

  resume(): void {
    this.#clientBehind = false;
    this.#connection?.resume();
  }

  // ---- the request

  onConnected(): void {
    const { exchange, settings } = this.#owner;
    this.#owner.reached(this.backend);
    const connection = this.#connection;
    if (connection === undefined) return;
    connection.cork();
    if (settings.sendProxyProtocol) connection.send(announceClient(exchange.variables));
    this.#send(connection);
    connection.uncork();
  }

  #send(connection: BackendConnection): void {
    const { body, exchange, settings } = this.#owner;
    this.#awaitWithin(settings.responseTimeoutMs);
    let head: Buffer;
    try {
      head = this.#wire.encodeHead(exchange, this.backend, body.length);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#fail({ kind: 'bad-answer', reason: error.message, status: 431 });
      return;
    }
    this.backend.requests++;
    this.backend.requestBytes += head.length;
    connection.cork();
    connection.send(head);
    body.send(this);
    connection.uncork();
  }

  writeBody(chunk: Buffer): boolean {
    if (this.#over) return true;
    this.#awaitWithin(this.#owner.settings.responseTimeoutMs);
    const connection = this.#connection;
    this.backend.requestBytes += chunk.length;
    if (connection !== undefined)
      this.#congested = !(this.#chunked ? sendChunk(connection, chunk) : connection.send(chunk));
    return !this.#congested;
  }

  bodySent(): void {
    if (this.#switched) {
      this.#connection?.end();
      return;
    }
    this.#bodySent = true;
    if (this.#chunked) this.#connection?.send(LAST_CHUNK);
    if (!this.#over) this.#awaitWithin(this.#owner.settings.responseTimeoutMs);
  }

  bodyFailed(error: Error): void {
    if (!this.#over) this.#fail({ kind: 'body-failed', reason: error.message });
  }

  onWritable(): void {
    this.#congested = false;
    if (this.#over) return;
    this.#awaitWithin(this.#owner.settings.responseTimeoutMs);
    this.#owner.body.proceed();
  }

  // ---- the answer

  onBytes(chunk: Buffer): void {
    const parser = this.#parser;
    if (parser.untouched && this.#connection?.reused === true && this.#wire.isFarewell(chunk)) {
      this.#fail({ kind: 'no-answer', reason: 'it had closed the connection', reused: true, unread: true });
      return;
    }
    this.#awaitWithin(this.#owner.settings.responseTimeoutMs);
    this.backend.answerBytes += chunk.length;
    try {
      parser.push(chunk);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      if (!this.#over) this.#fail({ kind: 'bad-answer', reason: error.message, status: 502 });
      return;
    }
    if (!this.#over && parser.started) this.#owner.relay.pieceOver(parser.framing === 'until-close');
  }

  onHead(head: ResponseHead): void {
    if (this.#parser.framing === 'tunnel') {
      this.#switchProtocols(head);
      return;
    }
    this.#wire.clean(head);
    this.#owner.relay.head(head);
  }

  #switchProtocols(head: ResponseHead): void {
    const { exchange, relay } = this.#owner;
    const offered = upgradeOffer(exchange) !== undefined && this.#bodySent;
    const clientBytes = offered ? relay.switchProtocols(head) : undefined;
    if (clientBytes === undefined) throw new HttpError(502, 'it switched protocols, which was not asked for');
    this.#switched = true;
    this.#owner.body = new LiveBody(clientBytes);
    this.#owner.body.send(this);
  }

  onBody(content: Buffer): void {
    if (!this.#over) this.#owner.relay.body(content);
  }

  onComplete(): void {
    if (this.#over) return;
    const { pool, relay, settings } = this.#owner;
    const parser = this.#parser;
    const mayKeep = this.#bodySent && !parser.surplus && !settings.sendProxyProtocol;
    const keepMs = mayKeep ? this.#wire.keepMs(this.backend, parser) : 0;
    const connection = this.#letGo();
    // First the connection, then the answer: the client's next request may come at once.
    if (connection !== undefined && keepMs > 0) pool.keep(connection, keepMs);
    else connection?.close();
    relay.complete();
    this.#owner.answered();
  }

  onBackendEnd(): void {
    if (this.#over || this.#parser.end()) return;
    this.#died('it closed the connection');
  }

  onGone(error?: Error): void {
    if (this.#over) return;
    if (this.#connection?.connected === true) {
      this.#died(error === undefined ? 'it closed the connection' : connectionError(error));
    } else {
      const reason = error === undefined ? 'connection closed' : connectionError(error);
      const crowded = (error as { code?: string } | undefined)?.code === 'EAGAIN';
      this.#fail({ kind: 'unreachable', reason, timedOut: false, crowded });
    }
  }

  #died(reason: string): void {
    const parser = this.#parser;
    const reused = this.#connection?.reused === true;
    if (parser.untouched)
      this.#fail({ kind: 'no-answer', reason: `${reason} without an answer`, reused, unread: false });
    else this.#fail({ kind: 'bad-answer', reason: `${reason} in the middle of its answer`, status: 502 });
  }

  // ---- the end

  onDeadline(): void {
    const { responseTimeoutMs } = this.#owner.settings;
    if (this.#connection?.connected !== true) {
      const reason = 'no connection in time (option http-connect-timeout)';
      this.#fail({ kind: 'unreachable', reason, timedOut: true, crowded: false });
    } else if (this.#switched) {
      // Neither side has said anything for so long.
      this.onComplete();
    } else if (this.#clientBehind || (!this.#bodySent && !this.#congested)) {
      // It is the client that keeps everybody waiting; its own time-outs see to that.
      this.#awaitWithin(responseTimeoutMs);
    } else {
      const reason = `it was silent for ${responseTimeoutMs / 1000} s (option http-timeout)`;
      this.#fail({ kind: 'bad-answer', reason, status: 504 });
    }
  }

  #awaitWithin(timeoutMs: number): void {
    const wanted = timeoutMs > 0 ? performance.now() + timeoutMs : Infinity;
    const later = wanted >= this.deadlineMs;
    const watched = this.deadlineMs !== Infinity;
    this.deadlineMs = wanted;
    if (wanted !== Infinity && !(watched && later)) this.#owner.settings.wheel.watch(this);
  }

  #fail(failure: AttemptFailure): void {
    this.#letGo()?.destroy();
    this.#owner.failed(this, failure);
  }

  /** From now on nothing is heard or said any more. @returns the connection */
  #letGo(): BackendConnection | undefined {
    this.#over = true;
    this.#owner.settings.wheel.unwatch(this);
    this.#owner.body.stop();
    this.backend.active--;
    const connection = this.#connection;
    this.#connection = undefined;
    return connection;
  }
}
