import type { VassalRow } from './status.ts';

/** How one vassal was over the last hour: columns of equal length, oldest first. null: not known at that time. */
export interface VassalSamples {
  /** Unix time in seconds. */
  readonly times: number[];
  readonly requestsPerSecond: (number | null)[];
  readonly p50Ms: (number | null)[];
  readonly p95Ms: (number | null)[];
  readonly p99Ms: (number | null)[];
  readonly errors: (number | null)[];
  readonly privateBytes: (number | null)[];
  readonly busyWorkers: (number | null)[];
  readonly queueDepth: (number | null)[];
}

/** Every so often a sample is taken. */
export const SAMPLE_INTERVAL_MS = 10_000;
/** An hour. */
const LIMIT = 360;

function empty(): VassalSamples {
  return {
    times: [],
    requestsPerSecond: [],
    p50Ms: [],
    p95Ms: [],
    p99Ms: [],
    errors: [],
    privateBytes: [],
    busyWorkers: [],
    queueDepth: [],
  };
}

/** Remembers how the vassals were, for the plots of the dashboard. */
export class SampleBook {
  readonly #byVassal = new Map<string, VassalSamples>();
  /** Requests and time of the last sample: rates over the interval are sharper than those over a minute. */
  readonly #counted = new Map<string, { readonly requests: number; readonly at: number }>();

  /** @param now Unix time in milliseconds */
  add(vassals: readonly VassalRow[], now: number): void {
    const names = new Set(vassals.map(({ name }) => name));
    for (const name of this.#byVassal.keys()) {
      if (names.has(name)) continue;
      this.#byVassal.delete(name);
      this.#counted.delete(name);
    }
    for (const vassal of vassals) this.#addOne(vassal, now);
  }

  /** What is known of a vassal, and at most so much of it. */
  of(vassal: string, count: number = LIMIT): VassalSamples {
    const samples = this.#byVassal.get(vassal) ?? empty();
    return Object.fromEntries(
      Object.entries(samples).map(([column, values]) => [column, (values as unknown[]).slice(-count)]),
    ) as unknown as VassalSamples;
  }

  #addOne(vassal: VassalRow, now: number): void {
    let samples = this.#byVassal.get(vassal.name);
    if (samples === undefined) {
      samples = empty();
      this.#byVassal.set(vassal.name, samples);
    }
    const figures = vassal.answering ? vassal.figures : undefined;
    const { recent, memory, workers, queueDepth } = figures ?? {};
    samples.times.push(Math.round(now / 1000));
    samples.requestsPerSecond.push(this.#rate(vassal.name, figures?.requests, now));
    samples.p50Ms.push(recent?.p50Ms ?? null);
    samples.p95Ms.push(recent?.p95Ms ?? null);
    samples.p99Ms.push(recent?.p99Ms ?? null);
    samples.errors.push(recent?.errors ?? null);
    samples.privateBytes.push(memory?.privateBytes ?? null);
    samples.busyWorkers.push(workers?.busy ?? null);
    samples.queueDepth.push(queueDepth ?? null);
    if (samples.times.length > LIMIT) for (const column of Object.values(samples)) (column as unknown[]).shift();
  }

  #rate(name: string, requests: number | undefined, now: number): number | null {
    const before = this.#counted.get(name);
    if (requests === undefined) {
      this.#counted.delete(name);
      return null;
    }
    this.#counted.set(name, { requests, at: now });
    // A new process counts from 0.
    if (before === undefined || requests < before.requests || now <= before.at) return null;
    return ((requests - before.requests) * 1000) / (now - before.at);
  }
}
