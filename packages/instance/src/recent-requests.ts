import type { ControlRecent } from '@emperor/protocol';

import { FineHistogram } from './fine-histogram.ts';

/** A window ends after this time; what is told is about the one that runs and the one before it. */
const WINDOW_MS = 30_000;

interface Window {
  readonly startedAtMs: number;
  readonly times: FineHistogram;
  errors: number;
}

function open(startedAtMs: number): Window {
  return { startedAtMs, times: new FineHistogram(), errors: 0 };
}

/** How the requests of the last half to whole minute went. Times are those of `performance.now()`. */
export class RecentRequests {
  #current: Window;
  #previous: Window | undefined;

  constructor(nowMs: number) {
    this.#current = open(nowMs);
  }

  add(tookMs: number, isError: boolean, nowMs: number): void {
    this.#turn(nowMs);
    this.#current.times.addUs(tookMs * 1000);
    if (isError) this.#current.errors++;
  }

  read(nowMs: number): ControlRecent {
    this.#turn(nowMs);
    const windows = [this.#current, ...(this.#previous === undefined ? [] : [this.#previous])];
    const seconds = (nowMs - (this.#previous ?? this.#current).startedAtMs) / 1000;
    const times = windows.map((window) => window.times);
    const requests = times.reduce((sum, { total }) => sum + total, 0);
    const percentileMs = (share: number): number | null => {
      const us = FineHistogram.quantileUs(times, share);
      return us === undefined ? null : us / 1000;
    };
    return {
      seconds,
      requestsPerSecond: seconds > 0 ? requests / seconds : 0,
      errors: windows.reduce((sum, { errors }) => sum + errors, 0),
      p50Ms: percentileMs(0.5),
      p95Ms: percentileMs(0.95),
      p99Ms: percentileMs(0.99),
    };
  }

  /** Windows that are over give way; after a pause both do. */
  #turn(nowMs: number): void {
    const age = nowMs - this.#current.startedAtMs;
    if (age < WINDOW_MS) return;
    const start = nowMs - (age % WINDOW_MS);
    this.#previous = age < 2 * WINDOW_MS ? this.#current : open(start - WINDOW_MS);
    this.#current = open(start);
  }
}
