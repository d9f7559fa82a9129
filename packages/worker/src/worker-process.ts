import type { Buffer } from 'node:buffer';

import {
  REQUEST_BODY_FOLLOWS,
  REQUEST_MORE_MAY_FOLLOW,
  RESPONSE_DISCONNECT,
  RESPONSE_END,
  RESPONSE_FAILED,
  RESPONSE_FILE,
  RESPONSE_FROM_FILE,
} from '@emperor/protocol';
import type { Transport } from '@emperor/transport';

import type { AppRequest } from './app-request.ts';
import { signalProcess } from './signal-process.ts';
import { StreamTable } from './stream-table.ts';
import { type AnswerPart, WorkerChannel, type WorkerChannelHandler } from './worker-channel.ts';
import { WorkerCounters } from './worker-counters.ts';
import type { WorkerIdentity } from './worker-identity.ts';
import type { WorkerOwner } from './worker-owner.ts';
import type { WebSocketSettings } from './websocket-session.ts';
import type { WorkerCall, WorkerNote } from './zygote-messages.ts';

/**
 * Life of a worker process.
 *
 *     starting --ready--> ready --retire--> leaving --channel closed--> gone
 *        `-------------------`--------------------- channel closed ------^
 */
export type WorkerState = 'starting' | 'ready' | 'leaving' | 'gone';

/** Why a worker was told to leave; decides what is printed and what follows. */
export type LeaveReason = 'replaced' | 'cheaped' | 'hibernated' | 'stopped';

const ANSWER_NOTES = RESPONSE_FAILED | RESPONSE_FILE | RESPONSE_FROM_FILE;

/** One worker process as the vassal sees it, and the requests that are in it. */
export class WorkerProcess implements WorkerChannelHandler {
  readonly identity: WorkerIdentity;
  readonly counters: WorkerCounters;
  pid = 0;
  state: WorkerState = 'starting';
  /** Set when it was told to leave. */
  leaveReason: LeaveReason | undefined;
  /** Its app has used `uwsgi.set_user_harakiri()`, or a route `harakiri:`. */
  hasUserHarakiri = false;
  /** It is about to be killed. */
  condemned = false;
  /** `performance.now()` of its last answer. */
  lastServedAtMs = 0;
  /** It was sent a request that allows more than it has threads; until it gives requests back. */
  exposed = false;
  /** Requests sent to it and not taken back. */
  dispatched = 0;
  readonly #streams = new StreamTable<AppRequest>();
  readonly #owner: WorkerOwner;
  readonly #channel: WorkerChannel;
  #signals = 0;

  constructor(identity: WorkerIdentity, descriptor: number, transport: Transport, owner: WorkerOwner) {
    this.identity = identity;
    this.counters = new WorkerCounters(identity.predecessor);
    this.#owner = owner;
    this.#channel = new WorkerChannel(descriptor, transport, this);
  }

  get id(): number {
    return this.identity.id;
  }

  /** Requests sent and not answered, and signals sent and not handled. */
  get inFlight(): number {
    return this.#streams.size + this.#signals;
  }

  /** Has the app's function for a signal called, before what the worker has not begun. */
  raise(signal: number): void {
    this.#signals++;
    this.#channel.signal(signal);
  }

  get requests(): Iterable<AppRequest> {
    return this.#streams.values();
  }

  // ---- to the worker

  /** @param mayExpose whether it may be sent more than it has threads from now on */
  send(request: AppRequest, mayExpose: boolean, nowMs: number): void {
    const { exchange } = request;
    const body = exchange.body.isInChunks ? undefined : exchange.body.complete;
    const stream = this.#streams.add(request);
    this.dispatched++;
    if (mayExpose) this.exposed = true;
    request.worker = this;
    request.stream = stream;
    request.dispatchedAtMs = nowMs;
    const { harakiriSeconds } = request.exchange.record;
    if (harakiriSeconds > 0) {
      request.setUserHarakiri(harakiriSeconds);
      this.hasUserHarakiri = true;
    }
    const flags = (body === undefined ? REQUEST_BODY_FOLLOWS : 0) | (mayExpose ? REQUEST_MORE_MAY_FOLLOW : 0);
    this.#channel.request(stream, flags, exchange.variables.list.join('\0'), body);
  }

  sendBody({ stream }: AppRequest, chunk: Buffer): void {
    if (this.#streams.has(stream)) this.#channel.body(stream, chunk);
  }

  endBody({ stream }: AppRequest): void {
    if (this.#streams.has(stream)) this.#channel.endBody(stream);
  }

  /** The rest will not come. @param reason for the app */
  breakBody({ stream }: AppRequest, timedOut: boolean, reason: string): void {
    if (this.#streams.has(stream)) this.#channel.breakBody(stream, timedOut, reason);
  }

  /** The client has taken so many bytes of the answer. */
  grant({ stream }: AppRequest, bytes: number): void {
    if (this.#streams.has(stream)) this.#channel.window(stream, bytes);
  }

  /** The client is gone: the worker stops as soon as it can, and says so. */
  abort({ stream, exchange: { record } }: AppRequest): void {
    if (!this.#streams.has(stream)) return;
    this.#channel.abort(stream);
    // Counted before the worker has answered: the exchange is logged now.
    if (record.app >= 0) record.appRequests = this.counters.answered({ ...record, serviceUs: 0 });
  }

  /** It ends after the requests it has. */
  retire(reason: LeaveReason): void {
    if (this.state === 'gone' || this.leaveReason !== undefined) return;
    this.leaveReason = reason;
    this.state = 'leaving';
    this.#channel.stop();
  }

  /** Ends it at once; `onClosed` follows. */
  kill(): void {
    if (this.state === 'gone') return;
    if (this.pid > 0) signalProcess(this.pid, 'SIGKILL');
    this.#channel.destroy();
  }

  /** Gives the channel up, for a process that is gone already. */
  disconnect(): void {
    this.#channel.destroy();
  }

  // ---- from the worker

  onAnswer(stream: number, part: AnswerPart): void {
    const request = this.#streams.get(stream);
    if (request === undefined) return;
    const { flags, serviceUs } = part;
    this.#record(request, part);
    if ((flags & RESPONSE_END) === 0) {
      request.receivePart(part.head, part.body);
      if ((flags & RESPONSE_DISCONNECT) !== 0) request.exchange.end();
      return;
    }
    this.#complete(request);
    const { record } = request.exchange;
    // One that its client has abandoned is counted already.
    if (record.appRequests < 0) record.appRequests = this.counters.answered(part);
    if ((flags & ANSWER_NOTES) !== 0) this.#note(request, flags);
    this.#finish(request, part);
    this.counters.sent(request.exchange);
    this.#owner.onServed(this, serviceUs);
  }

  onMessage(stream: number, payload: Buffer, isBinary: boolean): void {
    this.#streams.get(stream)?.sendMessage(payload, isBinary);
  }

  onPull(stream: number, bytes: number): void {
    this.#streams.get(stream)?.pull(bytes);
  }

  onAbort(stream: number, reason: string): void {
    const request = this.#streams.get(stream);
    if (request === undefined) return;
    this.#complete(request);
    const { exchange } = request;
    const { record } = exchange;
    if (record.appRequests < 0) record.appRequests = this.counters.answered({ ...record, serviceUs: 0 });
    if (reason !== '') this.#fail(exchange);
    request.cutShort(reason);
    this.counters.sent(exchange);
    this.#owner.onServed(this, 0);
  }

  onRing(descriptor: number): void {
    try {
      this.#channel.useRing(this.#pathOf(descriptor));
    } catch {
      // Its owner may be another user: answers come through the channel as before.
    }
    this.#channel.fileSeen(descriptor);
  }

  onReturn(streams: readonly number[]): void {
    this.exposed = false;
    this.#channel.returnSeen();
    const requests: AppRequest[] = [];
    for (const stream of streams) {
      const request = this.#streams.get(stream);
      if (request === undefined) continue;
      this.#streams.delete(stream);
      this.dispatched--;
      request.worker = undefined;
      requests.push(request);
    }
    this.#owner.onReturned(this, requests);
  }

  /**
   * The app of a stream goes on over WebSocket.
   * @param who of the worker has answered
   * @param head status, name, value, name, value, … of the answer
   * @throws Error with a sentence for the app
   */
  openWebSocket(
    stream: number,
    who: Pick<AnswerPart, 'core' | 'app'>,
    head: readonly string[],
    settings: WebSocketSettings,
  ): void {
    const request = this.#streams.get(stream);
    if (request === undefined) throw new Error('the client is gone');
    this.#record(request, { ...who, switches: 0 });
    request.openWebSocket(head, settings);
  }

  onCall({ id, name, args }: WorkerCall): void {
    this.#owner.onCall(this, name, args).then(
      (value) => this.#channel.reply({ id, value: value ?? null }),
      (error: unknown) => this.#channel.reply({ id, error: error instanceof Error ? error.message : String(error) }),
    );
  }

  onNote(note: WorkerNote): void {
    switch (note.type) {
      case 'logvar':
        this.#streams.get(note.stream)?.setLogVariable(note.name, note.value);
        break;
      case 'logRequest':
        this.#streams.get(note.stream)?.insistOnLogLine();
        break;
      case 'harakiri':
        this.#streams.get(note.stream)?.setUserHarakiri(note.seconds);
        this.hasUserHarakiri = true;
        break;
      case 'signalled':
        this.#signals--;
        this.#owner.onReturned(this, []);
        break;
      case 'busy':
      case 'ran':
        break;
      case 'tell':
        this.#owner.onTell(this, note.name, note.args);
        break;
      case 'ready':
        this.pid = note.pid;
        if (this.state === 'starting') this.state = 'ready';
        this.#owner.onReady(this);
        break;
      default:
        this.#owner.onNote(this, note);
    }
  }

  onBroken(error: Error): void {
    this.#owner.onBroken(this, error);
  }

  onClose(): void {
    this.state = 'gone';
    const unanswered = this.#streams.values();
    this.#streams.clear();
    this.#owner.onClosed(this, unanswered);
  }

  #record({ exchange }: AppRequest, { switches, core, app }: Pick<AnswerPart, 'switches' | 'core' | 'app'>): void {
    const { record } = exchange;
    record.pid = this.pid;
    record.workerId = this.id;
    record.switches = switches;
    record.core = core;
    record.app = app;
  }

  #complete({ stream }: AppRequest): void {
    this.#streams.delete(stream);
    this.lastServedAtMs = performance.now();
  }

  #note({ exchange }: AppRequest, flags: number): void {
    if ((flags & RESPONSE_FAILED) !== 0) this.#fail(exchange);
    else exchange.record.via = 'sendfile()';
  }

  #fail({ record }: AppRequest['exchange']): void {
    this.counters.failed(record);
    this.#owner.onFailed(this);
  }

  #finish(request: AppRequest, { head, body, file }: AnswerPart): void {
    if (file === undefined) {
      request.receiveLast(head, body);
      return;
    }
    const path = this.#pathOf(file.descriptor);
    request.sendFile(head, { ...file, path }, () => this.#channel.fileSeen(file.descriptor));
  }

  /** Of a descriptor in the worker. */
  #pathOf(descriptor: number): string {
    return `/proc/${this.pid}/fd/${descriptor}`;
  }
}
