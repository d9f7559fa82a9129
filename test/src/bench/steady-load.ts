import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Schedule } from './schedule.ts';

/** What the process that sends the requests is told. */
export interface SteadyOrder extends Schedule {
  readonly port: number;
}

/** What it says in the end. */
export interface SteadyAnswers {
  /** The end of each answer, in milliseconds from the beginning; NaN where it was no 200, or did not come. */
  readonly answeredMs: Float64Array;
}

/** What came of requests that were sent when they were due, whether answers came or not. */
export interface SteadyResult {
  /** Milliseconds from the moment a request was due to the end of its answer, ascending; infinite for those that failed. */
  readonly latenciesMs: readonly number[];
  /** The same of those that are not slow by themselves. */
  readonly quickMs: readonly number[];
  readonly failed: number;
  /** The longest time without an answer, in milliseconds. */
  readonly longestGapMs: number;
}

const CLIENT = fileURLToPath(new URL('steady-client.js', import.meta.url));
/** Room for the garbage of some ten thousand requests. */
const FLAGS = ['--max-semi-space-size=256', '--min-semi-space-size=256', '--expose-gc'];

/** Sends the requests of a schedule, each on a connection of its own, from a process of their own. */
export async function steadyLoad(port: number, { dueMs, isSlow }: Schedule): Promise<SteadyResult> {
  const client = fork(CLIENT, { execArgv: FLAGS, serialization: 'advanced' });
  const ended = once(client, 'exit');
  const answers = Promise.race([
    once(client, 'message').then(([message]) => message as SteadyAnswers),
    ended.then(() => Promise.reject(new Error('the process that makes the load ended without a result'))),
  ]);
  client.send({ port, dueMs, isSlow } satisfies SteadyOrder);
  const { answeredMs } = await answers;
  await ended;
  const latencies = Array.from(answeredMs, (answered, index) =>
    Number.isNaN(answered) ? Number.POSITIVE_INFINITY : answered - (dueMs[index] ?? 0),
  );
  return {
    latenciesMs: latencies.toSorted((a, b) => a - b),
    quickMs: latencies.filter((_, index) => isSlow[index] === 0).toSorted((a, b) => a - b),
    failed: latencies.filter((latency) => latency === Number.POSITIVE_INFINITY).length,
    longestGapMs: longestGap(answeredMs),
  };
}

function longestGap(answeredMs: Float64Array): number {
  const moments = answeredMs.filter((moment) => !Number.isNaN(moment)).toSorted();
  return moments.reduce((longest, moment, index) => Math.max(longest, moment - (moments[index - 1] ?? 0)), 0);
}
