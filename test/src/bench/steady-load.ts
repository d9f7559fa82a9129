import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** Who has no answer by then has failed. */
const PATIENCE_MS = 5000;

/** What came of requests that were sent at a fixed pace, whether answers came or not. */
export interface SteadyResult {
  /** Milliseconds from the moment a request was due to the end of its answer, ascending; five seconds for those that failed. */
  readonly latenciesMs: readonly number[];
  /** Not answered 200, or not in five seconds. */
  readonly failed: number;
  /** The longest time without an answer, in milliseconds. */
  readonly longestGapMs: number;
}

export interface SteadyLoadOptions {
  readonly port: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** Path of the Nth request. */
  readonly path?: (index: number) => string;
}

/** Offers the same load to everybody: a new connection for each request, at its time, however slow the server is. */
export async function steadyLoad({
  port,
  perSecond,
  seconds,
  path = () => '/',
}: SteadyLoadOptions): Promise<SteadyResult> {
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  let failed = 0;
  let longestGapMs = 0;
  let lastAnswerAt = startedAt;
  const open: Promise<void>[] = [];
  for (let index = 0; index < perSecond * seconds; index++) {
    const dueAt = startedAt + (1000 * index) / perSecond;
    const early = dueAt - performance.now();
    if (early > 0) await pause(early);
    open.push(
      askOnce(port, path(index)).then((isGood) => {
        const now = performance.now();
        latenciesMs.push(isGood ? now - dueAt : PATIENCE_MS);
        if (!isGood) failed++;
        else {
          longestGapMs = Math.max(longestGapMs, now - lastAnswerAt);
          lastAnswerAt = now;
        }
      }),
    );
  }
  await Promise.all(open);
  return { latenciesMs: latenciesMs.toSorted((a, b) => a - b), failed, longestGapMs };
}

/** @param share 0.99 for the 99th percentile */
export function percentile(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? Number.NaN;
}

function askOnce(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      response.on('error', () => resolve(false));
      response.on('end', () => resolve(response.statusCode === 200));
      response.resume();
    });
    // Not the socket's own timeout: that begins when it is connected, and a full backlog keeps it from that.
    const timer = setTimeout(() => asked.destroy(), PATIENCE_MS);
    asked.on('error', () => resolve(false));
    asked.on('close', () => clearTimeout(timer));
    asked.end();
  });
}
