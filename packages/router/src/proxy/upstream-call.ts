import { Buffer } from 'node:buffer';

import { errorHead, type Exchange, reasonPhrase } from '@emperor/http';

import { AnswerRelay, type AnswerSource } from './answer-relay.ts';
import { Attempt, type AttemptFailure, type AttemptOwner } from './attempt.ts';
import type { Backend } from './backend.ts';
import type { BackendGroup } from './backend-group.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { LiveBody, type OutgoingBody, WholeBody } from './outgoing-body.ts';
import type { RequestWire } from './request-wire.ts';
import { type CollectionObserver, StoredBody } from './stored-body.ts';
import type { UpstreamSettings } from './upstream-settings.ts';

/** Requests that may be sent twice (RFC 9110 section 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
/** A UNIX socket whose queue is full refuses at once what TCP would let wait. */
const CROWDED_RETRY_MS = 10;
/** What nginx logs for a client that went away before its answer. */
const CLIENT_GONE = 499;
const EMPTY = Buffer.alloc(0);
const NO_BODY = new WholeBody(EMPTY);

/** What the calls of one proxy share. */
export interface CallContext {
  readonly settings: UpstreamSettings;
  readonly pool: ConnectionPool;
  wireFor(backend: Backend): RequestWire;
  /** Bodies are collected before they are sent, in memory up to so many bytes; 0: only those that must be. */
  readonly collectBytes: number;
}

/** Bytes of a body that are collected in memory where nothing else is said; more goes to a file. */
const MEMORY_BYTES = 262_144;

/** One exchange on its way through the backends: which of them, how often, and what becomes of it when they fail. */
export class UpstreamCall implements AttemptOwner, AnswerSource, CollectionObserver {
  readonly exchange: Exchange;
  readonly relay: AnswerRelay;
  body: OutgoingBody = NO_BODY;
  readonly #context: CallContext;
  readonly #group: BackendGroup;
  /** Asked in their order when none of the group can be reached. */
  readonly #fallbacks: readonly Backend[];
  readonly #startedAtMs = performance.now();
  #attempt: Attempt | undefined;
  /** Backends that could not be reached. */
  #tried: Backend[] | undefined;
  /** Of the backends that could not be reached the last did not answer in time. */
  #timedOut = false;
  #sentAgain = false;
  #over = false;

  constructor(context: CallContext, exchange: Exchange, group: BackendGroup, fallbacks: readonly Backend[]) {
    this.#context = context;
    this.exchange = exchange;
    this.#group = group;
    this.#fallbacks = fallbacks;
    this.relay = new AnswerRelay(exchange, this);
  }

  get settings(): UpstreamSettings {
    return this.#context.settings;
  }

  get pool(): ConnectionPool {
    return this.#context.pool;
  }

  begin(): void {
    const { exchange } = this;
    const { body } = exchange;
    const { collectBytes } = this.#context;
    exchange.answerer = this;
    if (body.complete !== undefined) this.#beginWith(new WholeBody(body.complete));
    else if (collectBytes > 0) this.#store(collectBytes);
    else if (body.length !== undefined) body.whenCollected(() => this.#beginCollected());
    else if (this.#needsLength()) this.#store(MEMORY_BYTES);
    else this.#beginWith(new LiveBody(body));
  }

  /** A small body has come as a whole, so that no backend waits for a slow client; a large one is passed on as it comes. */
  #beginCollected(): void {
    const { body, responded } = this.exchange;
    if (this.#over) return;
    if (responded) this.#finish();
    else this.#beginWith(body.complete === undefined ? new LiveBody(body) : new WholeBody(body.complete));
  }

  #beginWith(body: OutgoingBody): void {
    this.body = body;
    this.#tryNext();
  }

  #store(memoryBytes: number): void {
    const stored = new StoredBody(this.exchange.body, memoryBytes, this);
    this.body = stored;
    stored.collect();
  }

  #needsLength(): boolean {
    const needsLength = (backend: Backend): boolean => this.#context.wireFor(backend).needsLength;
    return this.#group.backends.some(needsLength) || this.#fallbacks.some(needsLength);
  }

  // ---- a body that is collected

  collected(): void {
    if (!this.#over) this.#tryNext();
  }

  clientFailed(error: Error): void {
    if (this.#over) return;
    this.#finish();
    this.exchange.abort(error.message);
  }

  storeFailed(error: Error): void {
    this.#log(`cannot store the body of ${this.#what()} in a temporary file: ${error.message}`);
    this.#refuse(500);
  }

  // ---- trying

  #tryNext(): void {
    const tried = this.#tried;
    const backend = this.#choose(tried) ?? this.#fallbacks.find((fallback) => tried?.includes(fallback) !== true);
    if (backend === undefined) this.#refuse(this.#timedOut ? 504 : 502);
    else this.#try(backend, false);
  }

  #choose(tried: readonly Backend[] | undefined): Backend | undefined {
    return this.#group.choose(performance.now(), tried, this.exchange.variables.get('REMOTE_ADDR'));
  }

  #try(backend: Backend, fresh: boolean): void {
    const wire = this.#context.wireFor(backend);
    const attempt = new Attempt(this, backend, wire);
    this.#attempt = attempt;
    const method = this.exchange.variables.get('REQUEST_METHOD') ?? '';
    attempt.begin(fresh || this.body instanceof LiveBody || !wire.mayReuse(method));
  }

  reached(backend: Backend): void {
    this.#group.succeeded(backend);
  }

  answered(): void {
    this.#finish();
  }

  failed({ backend }: Attempt, failure: AttemptFailure): void {
    this.#attempt = undefined;
    if (this.#over) return;
    switch (failure.kind) {
      case 'unreachable':
        this.#unreachable(backend, failure);
        return;
      case 'no-answer':
        if (this.#sendAgain(backend, failure)) return;
        this.#giveUp(backend, failure.reason, 502);
        return;
      case 'bad-answer':
        if (failure.status === 504) this.#group.failed(backend, performance.now());
        this.#giveUp(backend, failure.reason, failure.status);
        return;
      case 'body-failed':
        this.#finish();
        this.exchange.abort(failure.reason);
        return;
      default:
        failure satisfies never;
    }
  }

  #unreachable(backend: Backend, failure: AttemptFailure & { kind: 'unreachable' }): void {
    const { connectTimeoutMs } = this.settings;
    const nowMs = performance.now();
    const mayWait = connectTimeoutMs === 0 || nowMs < this.#startedAtMs + connectTimeoutMs;
    if (failure.crowded && mayWait) {
      setTimeout(() => {
        if (!this.#over) this.#try(backend, true);
      }, CROWDED_RETRY_MS);
      return;
    }
    const tried = (this.#tried ??= []);
    // uWSGI's own words, which people's log watchers know (UWSGI-FACTS 5.4).
    if (!this.settings.quiet)
      this.#log(`unable to connect() to node "${backend.name}" (${tried.length} retries): ${failure.reason}`);
    if (this.#group.backends.includes(backend)) {
      if (backend.failures === 0)
        this.#log(`${this.exchange.variables.get('HTTP_HOST') ?? ''} => marking ${backend.name} as failed`);
      this.#group.failed(backend, nowMs);
    }
    this.#timedOut = failure.timedOut;
    tried.push(backend);
    this.#tryNext();
  }

  /**
   * A connection that ended before an answer: the request goes out again, on a new one, when that cannot do harm. Backends close kept
   * connections at any time, which says nothing about them: the same one is asked. After a new connection another one is, once.
   */
  #sendAgain(backend: Backend, failure: AttemptFailure & { kind: 'no-answer' }): boolean {
    if (!this.body.replayable) return false;
    const method = this.exchange.variables.get('REQUEST_METHOD') ?? '';
    if (!failure.unread && !IDEMPOTENT.has(method)) return false;
    if (failure.reused) {
      this.#try(backend, true);
      return true;
    }
    if (this.#sentAgain) return false;
    const other = this.#choose([...(this.#tried ?? []), backend]);
    if (other === undefined) return false;
    this.#sentAgain = true;
    this.#complain(backend, `${failure.reason}; the request goes to ${other.name}`);
    this.#try(other, true);
    return true;
  }

  // ---- from the client's side

  pause(): void {
    this.#attempt?.pause();
  }

  resume(): void {
    this.#attempt?.resume();
  }

  clientGone(): void {
    if (this.#over) return;
    this.#attempt?.abandon();
    this.#finish();
    if (!this.exchange.responded)
      this.exchange.respond({ status: CLIENT_GONE, reason: 'Client Closed Request', headers: [] }, EMPTY);
  }

  // ---- the end

  #giveUp(backend: Backend, reason: string, status: number): void {
    if (this.exchange.responded) {
      this.#finish();
      this.exchange.abort(`backend "${backend.name}": ${reason}`);
    } else {
      this.#complain(backend, reason);
      this.#refuse(status);
    }
  }

  #refuse(status: number): void {
    this.#finish();
    this.exchange.respond(errorHead(status), Buffer.from(reasonPhrase(status)));
  }

  #finish(): void {
    this.#over = true;
    this.#attempt = undefined;
    this.relay.cutShort();
    this.exchange.answerer = undefined;
    if (this.body instanceof StoredBody) this.body.discard();
  }

  #complain(backend: Backend, reason: string): void {
    this.#log(`backend "${backend.name}": ${reason} [${this.#what()}]`);
  }

  #what(): string {
    const { variables } = this.exchange;
    return `${variables.get('REQUEST_METHOD') ?? ''} ${variables.get('REQUEST_URI') ?? ''}`;
  }

  #log(message: string): void {
    this.settings.log(`[uwsgi-http] ${message}`);
  }
}
