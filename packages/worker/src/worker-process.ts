import { Buffer } from 'node:buffer';

import { type ResponseHead, reasonPhrase } from '@emperor/http';
import {
  BODY_BROKEN,
  BODY_END,
  readStreamList,
  REQUEST_BODY_FOLLOWS,
  REQUEST_MORE_MAY_FOLLOW,
  RESPONSE_END,
  RESPONSE_HEAD,
  RESPONSE_PREFIX_LENGTH,
  WorkerFrameDecoder,
  WorkerFrameType,
} from '@emperor/protocol';
import type { Stream, StreamHandler, Transport } from '@emperor/transport';

import type { AppRequest } from './app-request.ts';
import { FrameWriter } from './frame-writer.ts';
import type { WorkerNote } from './zygote-messages.ts';

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
  onNote(worker: WorkerProcess, note: WorkerNote): void;
  /** The channel is gone and with it the worker. `unanswered` in the order in which they were sent. */
  onClosed(worker: WorkerProcess, unanswered: readonly AppRequest[]): void;
}

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
  /** It is about to be killed. */
  condemned = false;
  /** `performance.now()` of its last answer. */
  lastServedAtMs = 0;
  /** It was sent a request that allows more than it has threads; until it gives requests back. */
  exposed = false;
  /** Requests sent to it and not taken back. */
  dispatched = 0;
  /** Requests answered. */
  served = 0;
  /** Microseconds spent in the app, over all requests. */
  runningUs = 0;
  readonly appRequests: number[] = [];
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
    if (this.#streams.has(request.stream)) this.#writer.window(request.stream, bytes);
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
      case WorkerFrameType.note:
        this.#onNote(JSON.parse(bytes.toString('utf8', start, end)) as WorkerNote);
        break;
    }
  };

  #onResponse(flags: number, stream: number, bytes: Buffer, start: number, end: number): void {
    const request = this.#streams.get(stream);
    if (request === undefined) return;
    const headLength = bytes.readUInt32LE(start);
    const bodyStart = start + RESPONSE_PREFIX_LENGTH + headLength;
    const isLast = (flags & RESPONSE_END) !== 0;
    const serviceUs = bytes.readUInt32LE(start + 8);
    this.#record(request, bytes, start, isLast);
    if (isLast) this.#complete(request, serviceUs);
    // The bytes belong to the transport: what the exchange gets is a copy.
    const body = Buffer.from(bytes.subarray(bodyStart, end));
    if ((flags & RESPONSE_HEAD) !== 0) {
      const head = parseHead(bytes.toString('latin1', start + RESPONSE_PREFIX_LENGTH, bodyStart));
      if (isLast) {
        request.respond(head, body);
      } else {
        request.begun = true;
        request.start(head);
        request.write(body);
      }
    } else {
      if (body.length > 0) request.write(body);
      if (isLast) request.exchange.end();
    }
    if (isLast) this.#owner.onServed(this, serviceUs);
  }

  #record(request: AppRequest, bytes: Buffer, start: number, isLast: boolean): void {
    const { record } = request.exchange;
    const app = bytes.readInt16LE(start + 14);
    record.pid = this.pid;
    record.workerId = this.id;
    record.switches = bytes.readUInt32LE(start + 4);
    record.core = bytes.readUInt16LE(start + 12);
    record.app = app;
    if (isLast && app >= 0) record.appRequests = this.appRequests[app] = (this.appRequests[app] ?? 0) + 1;
  }

  #complete(request: AppRequest, serviceUs: number): void {
    this.#streams.delete(request.stream);
    this.served++;
    this.lastServedAtMs = performance.now();
    this.runningUs += serviceUs;
  }

  #onAbort(stream: number, reason: string): void {
    const request = this.#streams.get(stream);
    if (request === undefined) return;
    this.#complete(request, 0);
    if (!request.exchange.aborted) request.exchange.abort(reason);
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

  #onNote(note: WorkerNote): void {
    if (note.type === 'logvar') {
      const record = this.#streams.get(note.stream)?.exchange.record;
      if (record !== undefined) (record.logVariables ??= new Map()).set(note.name, note.value);
      return;
    }
    if (note.type === 'ready') {
      this.pid = note.pid;
      if (this.state === 'starting') this.state = 'ready';
      this.#owner.onReady(this);
      return;
    }
    this.#owner.onNote(this, note);
  }
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
