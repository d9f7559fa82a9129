import { Buffer } from 'node:buffer';

import { reasonPhrase } from '@emperor/http';

import type { AppFigures } from './app-figures.ts';
import type { AppRequest } from './app-request.ts';
import { RequestQueue } from './request-queue.ts';
import { ServiceTime } from './service-time.ts';
import { UnfinishedBodies } from './unfinished-bodies.ts';
import type { WorkerProcess } from './worker-process.ts';

/** With a single core nobody can wait for long for the body of a request: its app may want to answer while it comes. */
const UNFINISHED_BODY_WAIT_MS = 1000;

/** What a dispatcher has to know. */
export interface DispatcherSettings {
  readonly threads: number;
  /** Requests that may wait. */
  readonly queueLimit: number;
  /** What clients are told when more want to wait. Default 1. */
  readonly retryAfterSeconds?: number;
  readonly figures: AppFigures;
}

/**
 * The one queue of an app, and who gets its requests: an idle worker first. Only when requests have to wait and the app is fast does a
 * worker get more than it has threads, so that both sides handle many requests per system call; what it cannot begin soon
 * comes back (`giveBack`) and goes to another one.
 */
export class Dispatcher {
  readonly serviceTime: ServiceTime = new ServiceTime();
  readonly queue: RequestQueue = new RequestQueue();
  readonly #threads: number;
  readonly #settings: DispatcherSettings;
  readonly #workers: WorkerProcess[] = [];
  readonly #unfinished = new UnfinishedBodies((request) => this.#admit(request));
  #paused = false;
  /** Told when a request waits and there is no worker at all. */
  onStarved: () => void = () => {};
  #onEmpty: (() => void) | undefined;

  constructor(settings: DispatcherSettings) {
    this.#threads = settings.threads;
    this.#settings = settings;
  }

  /** Requests that workers have now. */
  get inFlight(): number {
    return this.#workers.reduce((sum, worker) => sum + worker.inFlight, 0);
  }

  /** Requests a worker may have now. */
  get depth(): number {
    return this.serviceTime.depth(this.#threads);
  }

  /** A worker that accepts requests. */
  add(worker: WorkerProcess): void {
    this.#workers.push(worker);
    this.#workers.sort((a, b) => a.id - b.id);
    this.#feed();
  }

  /** The worker gets no more requests. */
  remove(worker: WorkerProcess): void {
    const index = this.#workers.indexOf(worker);
    if (index >= 0) this.#workers.splice(index, 1);
  }

  submit(request: AppRequest): void {
    if (request.exchange.body.complete === undefined && !this.#hasRoomToSpare) {
      const isOnlyCore = this.#workers.length * this.#threads <= 1;
      this.#unfinished.hold(request, isOnlyCore ? UNFINISHED_BODY_WAIT_MS : undefined);
    } else this.#admit(request);
  }

  #admit(request: AppRequest): void {
    if (request.exchange.aborted) request.exchange.abort('the client went away while it sent its body');
    else if (this.queue.length > 0 || !this.#send(request, false)) this.#enqueue(request);
  }

  /** The worker that would get a request now. */
  get next(): WorkerProcess | undefined {
    let chosen: WorkerProcess | undefined;
    for (const worker of this.#workers) if (chosen === undefined || worker.inFlight < chosen.inFlight) chosen = worker;
    return chosen;
  }

  /** One more request leaves a core idle. */
  get #hasRoomToSpare(): boolean {
    let idle = 0;
    for (const { inFlight } of this.#workers) idle += Math.max(0, this.#threads - inFlight);
    return idle > 1;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** Nothing is sent to workers until `resume`. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#feed();
  }

  /** A worker has answered a request. */
  served(serviceUs: number): void {
    this.serviceTime.add(serviceUs);
    this.#settings.figures.serviceTime.addUs(serviceUs);
    if (this.queue.length > 0) this.#feed();
    else if (this.#unfinished.length > 0 && this.#hasRoomToSpare) this.#unfinished.releaseFirst();
  }

  /** Requests that have waited already go before all others. */
  giveBack(requests: readonly AppRequest[]): void {
    for (let i = requests.length - 1; i >= 0; i--) {
      const request = requests[i];
      if (request !== undefined) this.queue.unshift(request);
    }
    this.#feed();
  }

  /** Resolves when no request waits any more, or when the time is over. */
  async whenEmpty(timeoutMs: number): Promise<void> {
    if (this.queue.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      setTimeout(resolve, timeoutMs).unref();
    });
  }

  #enqueue(request: AppRequest): void {
    const { queueLimit, retryAfterSeconds = 1, figures } = this.#settings;
    if (this.queue.length < queueLimit) {
      this.queue.push(request);
      if (this.#workers.length === 0) this.onStarved();
      return;
    }
    figures.refused++;
    const headers = ['Retry-After', String(retryAfterSeconds), 'Content-Type', 'text/plain'];
    const reason = reasonPhrase(503);
    request.exchange.respond({ status: 503, reason, headers }, Buffer.from(reason));
  }

  #feed(): void {
    for (let request = this.queue.peek(); request !== undefined; request = this.queue.peek()) {
      if (request.exchange.aborted) {
        this.queue.shift();
        request.exchange.abort('the client went away while its request waited for a worker');
      } else if (this.#send(request, true)) {
        this.queue.shift();
      } else {
        return;
      }
    }
    this.#onEmpty?.();
  }

  /**
   * @param hasWaited the workers cannot keep up. Only then one may be given more than it has threads: it has to watch itself from then on,
   * which costs more than it brings while they are idle in between.
   * @returns false when every worker has enough to do
   */
  #send(request: AppRequest, hasWaited: boolean): boolean {
    if (this.#paused) return false;
    const threads = this.#threads;
    const depth = this.serviceTime.depth(threads);
    let chosen: WorkerProcess | undefined;
    let least = depth;
    let idle = 0;
    for (const worker of this.#workers) {
      const { inFlight } = worker;
      if (inFlight < threads) idle++;
      else if (!worker.exposed) continue;
      if (inFlight < least) {
        least = inFlight;
        chosen = worker;
      }
    }
    if (chosen === undefined) return false;
    const isLastIdle = least < threads ? idle === 1 : idle === 0;
    const now = performance.now();
    this.#settings.figures.queueTime.addUs((now - request.queuedAtMs) * 1000);
    chosen.send(request, hasWaited && isLastIdle && depth > threads, now);
    return true;
  }
}
