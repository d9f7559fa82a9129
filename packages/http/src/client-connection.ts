import { Buffer } from 'node:buffer';

import type { Stream } from '@emperor/transport';

import type { BaseExchange } from './base-exchange.ts';
import { RawDecoder } from './body-framing.ts';
import type { ConnectionServer, ServedConnection } from './connection-server.ts';
import { lateBody } from './declared-body.ts';
import type { Exchange, RequestBody } from './exchange.ts';
import { HttpError } from './http-error.ts';
import { aboutRequest, lostClientLine } from './request-complaint.ts';
import { type BodySource, IncomingBody } from './request-body.ts';
import type { Expiring, WheelPlace } from './timer-wheel.ts';

const NOTHING = Buffer.alloc(0);

/** How long a closed connection may still send before it is cut; without this the kernel would reset it and could take the answer along. */
const LINGER_MS = 2000;

/**
 *     idle ──> head ──> answering ──> discarding ──┐
 *      ^                    │                      │
 *      └────────────────────┴──────────────────────┘   any ──> lingering ──> closed
 *
 * idle: between requests · head: a request has begun · answering: an exchange is open · discarding: the answer is complete,
 * its request is not · lingering: our side is closed, the peer's not yet
 */
export type ConnectionState = 'idle' | 'head' | 'answering' | 'discarding' | 'lingering' | 'closed';

/** What HTTP and uwsgi connections have in common: deadlines, back-pressure both ways, and an end that loses no answer. */
export abstract class ClientConnection<E extends BaseExchange> implements ServedConnection, BodySource, Expiring {
  deadlineMs: number;
  serverPlace = -1;
  wheelPlace: WheelPlace | undefined = undefined;
  protected readonly stream: Stream;
  protected state: ConnectionState = 'idle';
  protected exchange: E | undefined;
  protected body: IncomingBody | undefined;
  /** HTTP is over on this connection. */
  protected switched: RawDecoder | undefined;
  /** The client has half-closed. */
  protected peerEnded = false;
  /** Input waits for its turn and fills its bound. */
  protected pausedByInput = false;
  /** The answerer takes no more of the body for now. */
  protected pausedByBody = false;
  /** The client is behind with taking what was sent. */
  protected congested = false;
  readonly #server: ConnectionServer;
  #paused = false;
  /** When the next piece of the body is overdue; Infinity while none is awaited. */
  #bodyDueMs = Infinity;
  #sentAtLook: number | undefined;
  /** How the client was lost; undefined when the connection was closed in order, or by us. */
  #loss: Error | undefined;
  #flushed = false;

  constructor(server: ConnectionServer, stream: Stream) {
    this.#server = server;
    this.stream = stream;
    this.deadlineMs = performance.now() + server.settings.limits.headTimeoutMs;
    server.wheel.watch(this);
  }

  /** The client, for the log. */
  protected abstract get peerName(): string;
  abstract onData(chunk: Buffer): void;
  abstract onEnd(): void;
  /** Uses up input that waited. */
  protected abstract process(): void;
  /** The client has sent its last request, and all of it has been read. */
  protected abstract expectsNoMore(): boolean;
  /** Ends a request that cannot be accepted. */
  protected abstract refuse(error: HttpError): void;
  abstract readonly awaitsContinue: boolean;
  abstract bodyWanted(): void;

  onDrain(): void {
    this.congested = false;
    this.exchange?.drained();
    this.process();
  }

  onClose(error?: Error): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.#loss = error;
    this.#server.wheel.unwatch(this);
    this.#server.connectionClosed(this);
    this.exchange?.clientGone();
    this.body?.fail(new Error('the client is gone'));
  }

  /** @returns false when the answerer should wait for the client */
  send(bytes: Uint8Array | string): boolean {
    if (this.stream.write(bytes)) return true;
    if (!this.congested) {
      this.congested = true;
      this.setDeadline(this.#server.settings.limits.writeTimeoutMs, 'or-earlier');
    }
    return false;
  }

  sendFile(descriptor: number, offset: number, length: number, onDone: (error?: Error) => void): void {
    this.stream.sendFile(descriptor, offset, length, onDone);
    if (this.stream.pendingBytes > 0) this.setDeadline(this.#server.settings.limits.writeTimeoutMs, 'or-earlier');
  }

  get maxAnswerHeadBytes(): number {
    return this.#server.settings.limits.answerHeadBytes;
  }

  complain({ variables }: Exchange, message: string): void {
    this.#server.settings.complain(aboutRequest(variables, message));
  }

  clientLost({ variables }: Exchange, call: string): void {
    const { complain, ignoresLostClients } = this.#server.settings;
    if (this.#loss === undefined || ignoresLostClients === true) return;
    complain(lostClientLine(variables, call, this.#loss));
  }

  cork(): void {
    this.stream.cork();
  }

  uncork(): void {
    this.stream.uncork();
  }

  // ---- flow of the request

  bodyPaused(paused: boolean): void {
    this.pausedByBody = paused;
    if (paused) {
      this.#bodyDueMs = Infinity;
    } else if (this.state === 'answering' && this.body?.finished === false) {
      this.awaitBody();
      this.process();
    }
    this.updateFlow();
  }

  /** What the client sends from now on is a conversation in another protocol. */
  switchProtocols(): RequestBody {
    this.switched = new RawDecoder();
    this.body = new IncomingBody(undefined, this.switched, this);
    return this.body;
  }

  /** The client has half-closed: what has come of the body is all there will ever be. */
  protected bodyEnded(): void {
    const { body } = this;
    if (body === undefined || body.finished) return;
    if (this.switched !== undefined) {
      this.switched.end();
      body.push(NOTHING);
      return;
    }
    const error = new HttpError(400, 'the client closed the connection in the middle of the request body');
    // Whoever has begun to receive it decides what becomes of the rest.
    if (body.isReceived || this.exchange?.responded === true) body.fail(error);
    else this.refuse(error);
  }

  /** From now on the client owes us the next piece of its body. */
  protected awaitBody(): void {
    // A conversation may rest as long as it likes: its answerer sees to that.
    if (this.switched !== undefined) return;
    const { bodyTimeoutMs, chunkTimeoutMs } = this.#server.settings.limits;
    const delayMs = this.body?.length === undefined ? chunkTimeoutMs : bodyTimeoutMs;
    this.#bodyDueMs = performance.now() + delayMs;
    this.setDeadline(delayMs, this.state === 'answering' ? 'or-earlier' : 'exactly');
  }

  /** No piece of a body is awaited. */
  protected forgetBody(): void {
    this.body = undefined;
    this.#bodyDueMs = Infinity;
  }

  protected updateFlow(): void {
    const wanted = this.pausedByBody || this.pausedByInput;
    if (wanted === this.#paused) return;
    this.#paused = wanted;
    if (wanted) this.stream.pause();
    else this.stream.resume();
  }

  // ---- the end

  /**
   * Half-closes, then reads off for a moment what the client still sends (RFC 9112 section 9.6); a client that has said that it will
   * send no more is not waited for.
   */
  protected linger(): void {
    if (this.state === 'lingering' || this.state === 'closed') return;
    const isOver = this.peerEnded || this.expectsNoMore();
    this.state = 'lingering';
    this.body?.discard();
    this.pausedByBody = false;
    this.pausedByInput = false;
    this.updateFlow();
    if (isOver) {
      this.stream.close();
      if (this.stream.pendingBytes === 0) {
        this.onClose();
        return;
      }
    } else {
      this.stream.end();
    }
    this.#flushed = this.stream.pendingBytes === 0;
    this.#sentAtLook = undefined;
    this.setDeadline(this.#flushed ? LINGER_MS : this.#server.settings.limits.writeTimeoutMs);
  }

  closeWhenIdle(graceMs: number): void {
    if (this.state !== 'idle') return;
    if (graceMs === 0) this.linger();
    else this.setDeadline(graceMs, 'or-earlier');
  }

  destroy(): void {
    this.stream.destroy();
    this.onClose();
  }

  // ---- deadlines

  /** `or-earlier`: unless something is due sooner. */
  protected setDeadline(delayMs: number, how: 'exactly' | 'or-earlier' = 'exactly'): void {
    const wanted = performance.now() + delayMs;
    const earlier = wanted < this.deadlineMs;
    if (earlier || how === 'exactly') this.deadlineMs = wanted;
    if (earlier) this.#server.wheel.watch(this);
  }

  onDeadline(): void {
    switch (this.state) {
      case 'idle':
        if (this.stream.pendingBytes === 0) this.linger();
        else this.#awaitProgress();
        return;
      case 'head':
        this.refuse(new HttpError(408, 'the request head took too long'));
        return;
      case 'answering':
        if (this.stream.pendingBytes === 0 && this.#bodyDueMs <= performance.now() && this.body?.finished === false)
          this.refuse(lateBody(this.body));
        else this.#awaitProgress();
        return;
      case 'discarding':
        this.linger();
        return;
      case 'lingering':
        this.#lingerDeadline();
        return;
      case 'closed':
        return;
      default:
        this.state satisfies never;
    }
  }

  #lingerDeadline(): void {
    if (this.stream.pendingBytes > 0) {
      this.#awaitProgress();
    } else if (this.#flushed) {
      // In order, not a reset: the kernel may still be sending the answer to a slow client.
      this.stream.close();
      this.onClose();
    } else {
      this.#flushed = true;
      this.setDeadline(LINGER_MS);
    }
  }

  /** Comes by from time to time to see whether the client takes its answer; a client that took nothing since the last time is cut. */
  #awaitProgress(): void {
    const { complain, limits } = this.#server.settings;
    const { pendingBytes, sentBytes } = this.stream;
    if (pendingBytes > 0 && sentBytes === this.#sentAtLook) {
      complain(`${this.peerName} took nothing of its answer in time: connection cut`);
      this.destroy();
      return;
    }
    this.#sentAtLook = pendingBytes > 0 ? sentBytes : undefined;
    const bodyDueInMs = this.#bodyDueMs - performance.now();
    this.setDeadline(bodyDueInMs > 0 ? Math.min(limits.writeTimeoutMs, bodyDueInMs) : limits.writeTimeoutMs);
  }
}
