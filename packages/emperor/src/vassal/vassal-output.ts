import type { Readable } from 'node:stream';

import { harmless } from './harmless.ts';

export interface OutputListener {
  onLine(line: string): void;
  /** Lines that came faster than they may; told now and then, before a line that is let through. */
  onDropped(lines: number): void;
}

/** What one vassal may write before lines are dropped: a burst, then so many a second. */
export interface OutputBudget {
  readonly burstLines: number;
  readonly linesPerSecond: number;
}

/** Generous for a traceback or a verbose start, deadly for a loop that prints. */
export const OUTPUT_BUDGET: OutputBudget = { burstLines: 2000, linesPerSecond: 500 };

/** A longer line is cut: one vassal's binary garbage is no reason to hold megabytes. */
const LINE_LIMIT_BYTES = 8192;

/** One that writes too fast does so for a while: it is not told of with every other line. */
const TELL_EVERY_MS = 10_000;

const NEWLINE = 0x0a;

/**
 * Cuts what a vassal writes into lines, no faster than its budget allows. It never stops reading: a vassal that blocks on a
 * full pipe would stop answering requests.
 */
export class VassalOutput {
  readonly #listener: OutputListener;
  readonly #budget: OutputBudget;
  readonly #now: () => number;
  #tokens: number;
  #refilledAt: number;
  #dropped = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  /** The beginning of a line whose end has not come yet. */
  #rest: Buffer = Buffer.alloc(0);
  #cutting = false;

  /** `now` in milliseconds. */
  constructor(listener: OutputListener, now: () => number, budget: OutputBudget = OUTPUT_BUDGET) {
    this.#listener = listener;
    this.#budget = budget;
    this.#now = now;
    this.#tokens = budget.burstLines;
    this.#refilledAt = now();
  }

  read(stream: Readable): void {
    stream.on('data', (chunk: Buffer) => this.push(chunk));
    stream.on('end', () => this.end());
    // A pipe that breaks has nothing more to tell; the exit of the process is reported elsewhere.
    stream.on('error', () => this.end());
  }

  push(chunk: Buffer): void {
    this.#refill();
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#lineEnds(chunk.subarray(start, end));
      start = end + 1;
    }
    this.#keepRest(chunk.subarray(start));
  }

  /** What came without a newline at its end is a line too. */
  end(): void {
    if (this.#rest.length > 0) this.#lineEnds(Buffer.alloc(0));
    this.#tellDropped();
  }

  #lineEnds(tail: Buffer): void {
    const wasCut = this.#cutting;
    this.#cutting = false;
    if (wasCut) return;
    if (this.#tokens < 1) {
      this.#dropped += 1;
      this.#rest = Buffer.alloc(0);
      return;
    }
    this.#tokens -= 1;
    if (this.#now() - this.#toldAt >= TELL_EVERY_MS) this.#tellDropped();
    const line = Buffer.concat([this.#rest, tail.subarray(0, LINE_LIMIT_BYTES)]).subarray(0, LINE_LIMIT_BYTES);
    this.#rest = Buffer.alloc(0);
    this.#listener.onLine(harmless(line.toString('utf8')));
  }

  #keepRest(tail: Buffer): void {
    if (tail.length === 0 || this.#cutting) return;
    this.#rest = Buffer.concat([this.#rest, tail.subarray(0, LINE_LIMIT_BYTES)]);
    if (this.#rest.length < LINE_LIMIT_BYTES) return;
    this.#lineEnds(Buffer.alloc(0));
    this.#cutting = true;
  }

  #refill(): void {
    const now = this.#now();
    const earned = ((now - this.#refilledAt) / 1000) * this.#budget.linesPerSecond;
    this.#tokens = Math.min(this.#budget.burstLines, this.#tokens + earned);
    this.#refilledAt = now;
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    const lines = this.#dropped;
    this.#dropped = 0;
    this.#toldAt = this.#now();
    this.#listener.onDropped(lines);
  }
}
