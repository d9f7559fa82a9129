import { Buffer } from 'node:buffer';

import { type ResponseHead, reasonPhrase } from '@emperor/http';
import {
  BODY_BROKEN,
  BODY_END,
  readFileBody,
  readStreamList,
  REQUEST_BODY_FOLLOWS,
  REQUEST_MORE_MAY_FOLLOW,
  RESPONSE_DISCONNECT,
  RESPONSE_END,
  RESPONSE_FAILED,
  RESPONSE_FILE,
  RESPONSE_FROM_FILE,
  RESPONSE_HEAD,
  RESPONSE_PREFIX_LENGTH,
  WorkerFrameDecoder,
  WorkerFrameType,
} from '@emperor/protocol';
import type { Stream, StreamHandler, Transport } from '@emperor/transport';

import type { AppRequest } from './app-request.ts';
import { FrameWriter } from './frame-writer.ts';
import { NO_WORK, type WorkCounts } from './worker-info.ts';
import type { WorkerCall, WorkerNews, WorkerNote } from './zygote-messages.ts';

/**
 * Life of a worker process.
 *
 *     starting --ready--> ready --retire--> leaving --channel closed--> gone
 *        `-------------------`--------------------- channel closed ------^
 */
export type WorkerState = 'starting' | 'ready' | 'leaving' | 'gone';

/** Why a worker was told to leave; decides what is printed and what follows. */
export type LeaveReason = 'replaced' | 'cheaped' | 'stopped';

/** Whoever looks after the workers. */
export interface WorkerOwner {
  onReady(worker: WorkerProcess): void;
  /** A request is complete: there is room for another one. */
  onServed(worker: WorkerProcess, serviceUs: number): void;
  /** Requests that the worker has not begun: for another one. */
  onReturned(worker: WorkerProcess, requests: readonly AppRequest[]): void;
  onNote(worker: WorkerProcess, news: WorkerNews): void;
  /** The app asks something. @throws Error with a sentence for the app */
  onCall(worker: WorkerProcess, name: string, args: readonly unknown[]): Promise<unknown>;
  /** The channel is gone and with it the worker. `unanswered` in the order in which they were sent. */
  onClosed(worker: WorkerProcess, unanswered: readonly AppRequest[]): void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const MAX_STREAM = 0xffff_ffff;

/** One worker process as the vassal sees it: its channel, and the requests that are in it. */
export class WorkerProcess implements StreamHandler {
  /** Number of the worker, from 1: that of its predecessor when it replaces one. */
  readonly id: number;
  /** Number of the process, never used twice. */
  readonly serial: number;
  readonly startedAtMs: number;
  /** Its region of the progress board. */
  readonly board: number;
  pid = 0;
  state: WorkerState = 'starting';
  /** Set when it was told to leave. */
  leaveReason: LeaveReason | undefined;
  /** Its app has used `uwsgi.set_user_harakiri()`. */
  hasUserHarakiri = false;
  /** It is about to be killed. */
  condemned = false;
  /** `performance.now()` of its last answer. */
  lastServedAtMs = 0;
  /** It was sent a request that allows more than it has threads; until it gives requests back. */
  exposed = false;
  /** Requests sent to it and not taken back. */
  dispatched = 0;
  /** What it has done so far. */
  readonly work: Mutable<WorkCounts> = { ...NO_WORK };
  /** Requests by app, and by thread. */
  readonly appRequests: number[] = [];
  readonly appExceptions: number[] = [];
  readonly coreRequests: number[] = [];
  readonly #streams = new Map<number, AppRequest>();
  readonly #owner: WorkerOwner;
  readonly #channel: Stream;
  readonly #writer: FrameWriter;
  readonly #decoder: WorkerFrameDecoder;
  #lastStream = 0;

  constructor(
    identity: { readonly id: number; readonly serial: number; readonly board: number; readonly nowMs: number },
    descriptor: number,
    transport: Transport,
    owner: WorkerOwner,
  ) {
    this.id = identity.id;
    this.serial = identity.serial;
    this.startedAtMs = identity.nowMs;
    this.board = identity.board;
    this.#owner = owner;
    this.#decoder = new WorkerFrameDecoder(this.#onFrame);
    this.#channel = transport.adopt(descriptor, this);
    this.#writer = new FrameWriter(this.#channel);
  }

  /** Requests sent and not answered. */
  get inFlight(): number {
    return this.#streams.size;
  }

  get requests(): Iterable<AppRequest> {
    return this.#streams.values();
  }

  // ---- to the worker

  /** @param mayExpose whether it may be sent more than it has threads from now on */
  send(request: AppRequest, mayExpose: boolean, nowMs: number): void {
    const { exchange } = request;
    const body = exchange.body.complete;
    let stream = this.#lastStream;
    do stream = stream === MAX_STREAM ? 1 : stream + 1;
    while (this.#streams.has(stream));
    this.#lastStream = stream;
    this.#streams.set(stream, request);
    this.dispatched++;
    if (mayExpose) this.exposed = true;
    request.worker = this;
    request.stream = stream;
    request.dispatchedAtMs = nowMs;
    const flags = (body === undefined ? REQUEST_BODY_FOLLOWS : 0) | (mayExpose ? REQUEST_MORE_MAY_FOLLOW : 0);
    this.#writer.request(stream, flags, exchange.variables.list.join('\0'), body);
  }

  sendBody(request: AppRequest, chunk: Buffer): void {
    if (this.#streams.has(request.stream)) this.#writer.frame(WorkerFrameType.body, 0, request.stream, chunk);
  }

  endBody(request: AppRequest, broken: boolean): void {
    if (!this.#streams.has(request.stream)) return;
    this.#writer.frame(WorkerFrameType.body, broken ? BODY_BROKEN : BODY_END, request.stream);
  }

  /** The client has taken so many bytes of the answer. */
  grant(request: AppRequest, bytes: number): void {
    if (this.#streams.has(request.stream)) this.#writer.count(WorkerFrameType.window, request.stream, bytes);
  }

  /** The client is gone: the worker stops as soon as it can, and says so. */
  abort(request: AppRequest): void {
    if (this.#streams.has(request.stream)) this.#writer.frame(WorkerFrameType.abort, 0, request.stream);
  }

  /** It ends after the requests it has. */
  retire(reason: LeaveReason): void {
    if (this.state === 'gone' || this.leaveReason !== undefined) return;
    this.leaveReason = reason;
    this.state = 'leaving';
    this.#writer.frame(WorkerFrameType.stop, 0, 0);
    this.#writer.flush();
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

  onData(chunk: Buffer): void {
    this.#decoder.push(chunk);
  }

  onEnd(): void {
    this.#channel.destroy();
  }

  onDrain(): void {}

  onClose(): void {
    if (this.state === 'gone') return;
    this.state = 'gone';
    const unanswered = [...this.#streams.values()];
    this.#streams.clear();
    this.#owner.onClosed(this, unanswered);
  }

  readonly #onFrame = (
    type: number,
    flags: number,
    stream: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void => {
    switch (type) {
      case WorkerFrameType.response:
        this.#onResponse(flags, stream, bytes, start, end);
        break;
      case WorkerFrameType.pull:
        this.#streams.get(stream)?.pull(bytes.readUInt32LE(start));
        break;
      case WorkerFrameType.abort:
        this.#onAbort(stream, bytes.toString('utf8', start, end));
        break;
      case WorkerFrameType.return:
        this.#onReturn(readStreamList(bytes, start, end));
        break;
      case WorkerFrameType.call:
        this.#onCall(JSON.parse(bytes.toString('utf8', start, end)) as WorkerCall);
        break;
      case WorkerFrameType.note:
        this.#onNote(JSON.parse(bytes.toString('utf8', start, end)) as WorkerNote);
        break;
    }
  };

  #onResponse(flags: number, stream: number, bytes: Buffer, start: number, end: number): void {
    const request = this.#streams.get(stream);
    if (request === undefined) return;
    const bodyStart = start + RESPONSE_PREFIX_LENGTH + bytes.readUInt32LE(start);
    const head =
      (flags & RESPONSE_HEAD) === 0
        ? undefined
        : parseHead(bytes.toString('latin1', start + RESPONSE_PREFIX_LENGTH, bodyStart));
    const isLast = (flags & RESPONSE_END) !== 0;
    this.#record(request, bytes, start, isLast);
    if (!isLast) {
      request.begun = true;
      if (head !== undefined) request.start(head);
      request.write(Buffer.from(bytes.subarray(bodyStart, end)));
      if ((flags & RESPONSE_DISCONNECT) !== 0) request.exchange.end();
      return;
    }
    const serviceUs = bytes.readUInt32LE(start + 8);
    this.#complete(request, serviceUs);
    if ((flags & (RESPONSE_FAILED | RESPONSE_FILE | RESPONSE_FROM_FILE)) !== 0) this.#note(request, flags);
    if ((flags & RESPONSE_FILE) !== 0) this.#sendFile(request, head, bytes, bodyStart);
    else this.#finish(request, head, bytes, bodyStart, end);
    this.work.txBytes += request.exchange.headBytes + request.exchange.bodyBytes;
    this.#owner.onServed(this, serviceUs);
  }

  #note(request: AppRequest, flags: number): void {
    const { record } = request.exchange;
    if ((flags & RESPONSE_FAILED) !== 0) this.#countFailure(record.app);
    else record.via = 'sendfile()';
  }

  /** The last bytes of an answer. They belong to the transport: what the exchange gets is a copy. */
  #finish(request: AppRequest, head: ResponseHead | undefined, bytes: Buffer, bodyStart: number, end: number): void {
    const body = Buffer.from(bytes.subarray(bodyStart, end));
    if (head !== undefined) {
      request.respond(head, body);
      return;
    }
    if (body.length > 0) request.write(body);
    request.exchange.end();
  }

  #sendFile(request: AppRequest, head: ResponseHead | undefined, bytes: Buffer, bodyStart: number): void {
    const { descriptor, offset, bytes: length } = readFileBody(bytes, bodyStart);
    if (head !== undefined) request.start(head);
    request.sendFile(`/proc/${this.pid}/fd/${descriptor}`, offset, length, () => {
      if (this.state !== 'gone') this.#writer.count(WorkerFrameType.fileSeen, 0, descriptor);
    });
  }

  #record(request: AppRequest, bytes: Buffer, start: number, isLast: boolean): void {
    const { record } = request.exchange;
    const app = bytes.readInt16LE(start + 14);
    record.pid = this.pid;
    record.workerId = this.id;
    record.switches = bytes.readUInt32LE(start + 4);
    record.core = bytes.readUInt16LE(start + 12);
    record.app = app;
    if (!isLast) return;
    if (app >= 0) record.appRequests = increment(this.appRequests, app);
    increment(this.coreRequests, record.core);
  }

  #complete(request: AppRequest, serviceUs: number): void {
    this.#streams.delete(request.stream);
    this.work.requests++;
    this.lastServedAtMs = performance.now();
    this.work.runningTimeUs += serviceUs;
  }

  #countFailure(app: number): void {
    this.work.exceptions++;
    if (app >= 0) increment(this.appExceptions, app);
  }

  #onAbort(stream: number, reason: string): void {
    const request = this.#streams.get(stream);
    if (request === undefined) return;
    this.#complete(request, 0);
    if (reason !== '') this.#countFailure(request.exchange.record.app);
    request.exchange.abort(reason);
    this.#owner.onServed(this, 0);
  }

  #onReturn(streams: readonly number[]): void {
    this.exposed = false;
    this.#writer.frame(WorkerFrameType.returnSeen, 0, 0);
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

  #onCall({ id, name, args }: WorkerCall): void {
    this.#owner.onCall(this, name, args).then(
      (value) => this.#reply({ id, value: value ?? null }),
      (error: unknown) => this.#reply({ id, error: error instanceof Error ? error.message : String(error) }),
    );
  }

  #reply(reply: object): void {
    if (this.state !== 'gone') this.#writer.frame(WorkerFrameType.reply, 0, 0, Buffer.from(JSON.stringify(reply)));
  }

  #onNote(note: WorkerNote): void {
    switch (note.type) {
      case 'logvar':
        this.#setLogVariable(note.stream, note.name, note.value);
        break;
      case 'harakiri':
        this.#setHarakiri(note.stream, note.seconds);
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

  #setLogVariable(stream: number, name: string, value: string): void {
    const record = this.#streams.get(stream)?.exchange.record;
    if (record !== undefined) (record.logVariables ??= new Map()).set(name, value);
  }

  /** `uwsgi.set_user_harakiri()`: 0 lifts it. */
  #setHarakiri(stream: number, seconds: number): void {
    const request = this.#streams.get(stream);
    if (request === undefined) return;
    request.userDeadlineMs = seconds > 0 ? performance.now() + seconds * 1000 : undefined;
    if (seconds > 0) this.hasUserHarakiri = true;
  }
}

function increment(counts: number[], index: number): number {
  return (counts[index] = (counts[index] ?? 0) + 1);
}

/** `200 OK`, name, value, … as the worker joined them. A status without reason gets the usual one, as in uWSGI. */
function parseHead(text: string): ResponseHead {
  const headers = text.split('\0');
  const line = headers.shift() ?? '';
  const status = Number(line.slice(0, 3));
  return { status, reason: line.length > 4 ? line.slice(4) : reasonPhrase(status), headers };
}

/** Sends a signal to a process that may have gone meanwhile. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
