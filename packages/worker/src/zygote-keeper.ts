import { closeDescriptor } from '@emperor/posix';

import { type ProcessEnd, Zygote, type ZygoteOptions } from './zygote.ts';
import type { DeferredCall, FailedApp, ForkOrder, LoadedApp, ZygoteReport } from './zygote-messages.ts';

/** What the interpreter said about itself. */
export type Hello = Extract<ZygoteReport, { type: 'hello' }>;
type Loaded = Extract<ZygoteReport, { type: 'loaded' }>;
export type WorkerExit = Extract<ZygoteReport, { type: 'exited' }>;

export type BootOutcome =
  | { readonly kind: 'ready'; readonly hello: Hello }
  | { readonly kind: 'failed'; readonly reason: string };
export type LoadOutcome =
  | {
      readonly kind: 'loaded';
      readonly apps: readonly LoadedApp[];
      readonly failed: readonly FailedApp[];
      readonly threads: readonly string[];
      readonly sockets: readonly string[];
      readonly calls: readonly DeferredCall[];
    }
  | { readonly kind: 'failed'; readonly reason: string };

export interface ZygoteKeeperOptions extends Omit<ZygoteOptions, 'onReport' | 'onEnd'> {
  readonly log: (text: string) => void;
  readonly onForked: (serial: number, pid: number) => void;
  /** The zygote could not fork. */
  readonly onNotForked: (serial: number, reason: string) => void;
  readonly onExited: (exit: WorkerExit) => void;
}

interface Fork {
  readonly order: ForkOrder;
  readonly descriptor: number;
}

/** Delays before the next try when a zygote that replaces a dead one fails too. */
const RETRY_BASE_MS = 200;
const RETRY_MAX_MS = 30_000;

/**
 * Sees to it that there is a zygote: starts the first one in two steps (the interpreter, the app), and a new one when it dies.
 * Workers do not notice: they go on, and later ones are forked by the new zygote.
 */
export class ZygoteKeeper {
  readonly #options: ZygoteKeeperOptions;
  #zygote: Zygote | undefined;
  #loaded = false;
  #hadApps = false;
  #closed: (() => void) | undefined;
  #closing = false;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #onHello: ((outcome: BootOutcome) => void) | undefined;
  #onLoaded: ((outcome: LoadOutcome) => void) | undefined;
  /** Lifelines of zygotes that died: their workers may live. */
  readonly #bereaved: Zygote[] = [];
  readonly #waitingForks: Fork[] = [];

  constructor(options: ZygoteKeeperOptions) {
    this.#options = options;
  }

  /** True while there is a zygote that will report the ends of the workers it forked. */
  get watches(): boolean {
    return this.#zygote !== undefined;
  }

  get pid(): number | undefined {
    return this.#zygote?.pid;
  }

  /** Starts the interpreter. */
  boot(): Promise<BootOutcome> {
    return new Promise((resolve) => {
      this.#onHello = resolve;
      const zygote: Zygote = new Zygote({
        ...this.#options,
        onReport: (report) => this.#onReport(report),
        onEnd: (end) => this.#onEnd(zygote, end),
      });
      this.#zygote = zygote;
    });
  }

  /** Imports the app (unless it is to be loaded in the workers). */
  load(): Promise<LoadOutcome> {
    return new Promise((resolve) => {
      this.#onLoaded = resolve;
      this.#zygote?.load();
    });
  }

  /** Has a worker forked, now or as soon as there is a zygote again. Takes over the descriptor. */
  fork(order: ForkOrder, descriptor: number): void {
    const fork = { order, descriptor };
    if (this.#zygote === undefined || !this.#loaded) this.#waitingForks.push(fork);
    else this.#fork(this.#zygote, fork);
  }

  /** Ends the zygote in order, or by force while it is still importing the app. Its workers should be gone. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#retry);
    for (const fork of this.#waitingForks.splice(0)) closeDescriptor(fork.descriptor);
    const zygote = this.#zygote;
    if (zygote !== undefined) {
      await new Promise<void>((resolve) => {
        this.#closed = resolve;
        if (this.#loaded) zygote.close();
        else zygote.kill();
      });
    }
    for (const dead of this.#bereaved.splice(0)) dead.releaseLifeline();
  }

  #fork(zygote: Zygote, fork: Fork): void {
    try {
      zygote.fork(fork.order, fork.descriptor);
    } catch {
      // It has just died: the worker's channel is closed below, and its owner asks for another one.
    }
    closeDescriptor(fork.descriptor);
  }

  #onReport(report: ZygoteReport): void {
    switch (report.type) {
      case 'hello':
        this.#onHello?.({ kind: 'ready', hello: report });
        this.#onHello = undefined;
        break;
      case 'loaded':
        this.#onAppsLoaded(report);
        break;
      case 'forked':
        this.#options.onForked(report.serial, report.pid);
        break;
      case 'notForked':
        this.#options.onNotForked(report.serial, report.reason);
        break;
      case 'exited':
        this.#options.onExited(report);
        break;
      default:
        report satisfies never;
    }
  }

  #onAppsLoaded(report: Loaded): void {
    const isReplacement = this.#onLoaded === undefined;
    if (isReplacement && this.#hadApps && report.apps.length === 0) {
      // The code on disk has been broken meanwhile: the workers that run are better than any this zygote could fork.
      this.#zygote?.kill();
      return;
    }
    this.#loaded = true;
    this.#failures = 0;
    this.#hadApps = report.apps.length > 0;
    const { apps, failed, threads, sockets, calls } = report;
    this.#onLoaded?.({ kind: 'loaded', apps, failed, threads, sockets, calls });
    this.#onLoaded = undefined;
    const zygote = this.#zygote;
    if (zygote === undefined) return;
    for (const fork of this.#waitingForks.splice(0)) this.#fork(zygote, fork);
  }

  #onEnd(zygote: Zygote, end: ProcessEnd): void {
    this.#zygote = undefined;
    this.#loaded = false;
    if (this.#closing) {
      zygote.releaseLifeline();
      this.#settle('it was stopped');
      this.#closed?.();
      return;
    }
    const reason = describeEnd(end, this.#options.command().file);
    if (this.#onHello !== undefined || this.#onLoaded !== undefined) {
      zygote.releaseLifeline();
      this.#settle(reason);
      return;
    }
    this.#bereaved.push(zygote);
    const delayMs = this.#failures === 0 ? 0 : Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** (this.#failures - 1));
    this.#failures++;
    this.#options.log(`the zygote (pid: ${zygote.pid ?? 0}) died: ${reason}; trying respawn ...`);
    this.#retry = setTimeout(() => void this.#replace(), delayMs);
  }

  /** Nobody waits for ever for a step of a zygote that is gone. */
  #settle(reason: string): void {
    this.#onHello?.({ kind: 'failed', reason });
    this.#onLoaded?.({ kind: 'failed', reason });
    this.#onHello = this.#onLoaded = undefined;
  }

  async #replace(): Promise<void> {
    const outcome = await this.boot();
    if (outcome.kind === 'failed') {
      this.#options.log(`cannot start a new zygote: ${outcome.reason}`);
      this.#retry = setTimeout(
        () => void this.#replace(),
        Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** this.#failures++),
      );
      return;
    }
    this.#zygote?.load();
  }
}

function describeEnd(end: ProcessEnd, file: string): string {
  const { error } = end;
  if (error !== undefined) {
    const isMissing = 'code' in error && error.code === 'ENOENT';
    return isMissing
      ? `cannot start "${file}": there is no such program; is Python installed, or is the virtualenv named wrongly?`
      : `cannot start "${file}": ${error.message}`;
  }
  return end.signal === null ? `it exited with status ${end.status}` : `it was killed by ${end.signal}`;
}
