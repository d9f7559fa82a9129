import type { VassalPattern } from './pattern.ts';
import { diffScans, type ScanDiff } from './scan-diff.ts';
import { Scanner, type ScanOptions } from './scan.ts';
import type { VassalFile } from './vassal-file.ts';
import { Watcher } from './watcher.ts';

export interface MonitorOptions extends ScanOptions {
  readonly patterns: readonly VassalPattern[];
  /** The time between two scans when nothing moves (`emperor-freq`). */
  readonly scanIntervalMs: number;
}

export interface MonitorListener {
  onDiff(diff: ScanDiff): void;
  /** A file that must not become a vassal. Reported once while it lasts. */
  onRefusal(name: string, reason: string): void;
  /** Reported once while it lasts. */
  onProblem(sentence: string): void;
}

/**
 * How long to wait after a move before looking: an editor's save and a deployment's swap of directories are several moves, and
 * between them a file may be missing that is back a moment later.
 */
const SETTLE_MS = 50;

/** A steady stream of moves does not put off a scan for longer than this. */
const LONGEST_SETTLE_MS = 250;

/** Keeps looking for vassals: the periodic scan is the truth, the watcher wakes it early. */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #listener: MonitorListener;
  readonly #scanner: Scanner;
  readonly #watcher: Watcher;
  #files: ReadonlyMap<string, VassalFile>;
  #problems: ReadonlySet<string> = new Set();
  #refusals: ReadonlyMap<string, string> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #firstMoveAt: number | undefined;
  #scanning: Promise<void> | undefined;
  #movedWhileScanning = false;
  #stopped = false;

  /** `known`: files by name that the listener knows already, as they were then. */
  constructor(options: MonitorOptions, known: ReadonlyMap<string, VassalFile>, listener: MonitorListener) {
    this.#options = options;
    this.#files = known;
    this.#scanner = new Scanner(options.patterns, options);
    this.#listener = listener;
    this.#watcher = new Watcher(
      () => this.wake(),
      (sentence) => this.#listener.onProblem(sentence),
    );
  }

  /** Sentences about what must not or cannot become a vassal, as the last scan found it. */
  get problems(): readonly string[] {
    return [...this.#problems, ...[...this.#refusals].map(([name, reason]) => `${name}: ${reason}`)];
  }

  /** Ends after the first scan. */
  async start(): Promise<void> {
    await this.#scan();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#watcher.stop();
    await this.#scanning;
  }

  /** Something may have changed: looks soon. */
  wake(): void {
    if (this.#scanning !== undefined) {
      this.#movedWhileScanning = true;
      return;
    }
    const now = performance.now();
    this.#firstMoveAt ??= now;
    this.#scanIn(Math.max(0, Math.min(SETTLE_MS, this.#firstMoveAt + LONGEST_SETTLE_MS - now)));
  }

  #scanIn(delayMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#scan(), delayMs);
  }

  async #scan(): Promise<void> {
    this.#firstMoveAt = undefined;
    this.#scanning = this.#look();
    await this.#scanning;
    this.#scanning = undefined;
    this.#scanIn(this.#options.scanIntervalMs);
    if (this.#movedWhileScanning) {
      this.#movedWhileScanning = false;
      this.wake();
    }
  }

  async #look(): Promise<void> {
    const previous = this.#files;
    const found = await this.#scanner.scan(previous);
    if (this.#stopped) return;
    this.#files = found.files;
    const diff = diffScans(previous, found.files);
    this.#watcher.follow(
      found.watchPlan,
      diff.changed.map(({ path }) => path),
    );
    this.#reportProblems(found.problems);
    this.#reportRefusals(found.refusals);
    if (diff.added.length + diff.changed.length + diff.removed.length > 0) this.#listener.onDiff(diff);
  }

  #reportRefusals(refusals: ReadonlyMap<string, string>): void {
    for (const [name, reason] of refusals) {
      if (this.#refusals.get(name) !== reason) this.#listener.onRefusal(name, reason);
    }
    this.#refusals = refusals;
  }

  #reportProblems(problems: readonly string[]): void {
    for (const sentence of problems) {
      if (!this.#problems.has(sentence)) this.#listener.onProblem(sentence);
    }
    this.#problems = new Set(problems);
  }
}
