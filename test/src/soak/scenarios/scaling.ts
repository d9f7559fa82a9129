import { Load } from '../../rig/load.ts';
import type { Program } from '../../rig/program.ts';
import { until } from '../../rig/until.ts';
import { limit, type Outcome, type Scenario, type SoakScene } from '../scenario.ts';
import { LONGEST_GAP_MS, longestCalmGap, SHORT_SECONDS } from './gaps.ts';
import { LoadedInstance } from './loaded-instance.ts';

/** At the start there is one worker more than slow requests, and one is added before the next of them comes. */
const MINIMUM = 2;
const SLOW = 2;
const LINES = ['processes = 5', `cheaper = ${MINIMUM}`, 'cheaper-algo = spare2', 'cheaper-idle = 1'];

/**
 * Slow requests come in waves: workers are added for each, and let go between the waves, while fast requests go on. A worker is free for those
 * all the time, so that whatever holds them up is the scaling.
 */
async function run({ rig, seconds, note }: SoakScene): Promise<Outcome> {
  await using instance = await LoadedInstance.start(rig, LINES, 10);
  const { vassal, kept } = instance;
  await vassal.waitForLog(new RegExp(`^spawned uWSGI worker ${MINIMUM} `));
  await instance.more(20);
  const calmGap = await longestCalmGap(kept);
  kept.longestGapMs = 0;
  const deadline = performance.now() + seconds * 1000;
  let waves = 0;
  do {
    const bad = await wave(instance);
    if (bad !== undefined) return { figures: {}, problems: [`slow requests: ${bad}`] };
    await until('the added workers are gone', () => running(vassal) === MINIMUM);
    waves++;
    note(`wave ${waves}: ${instance.summary()}, longest gap ${Math.round(instance.longestGapMs)} ms`);
  } while (performance.now() < deadline);
  const gap = Math.round(instance.longestGapMs);
  return {
    figures: {
      waves: String(waves),
      'workers added': String(vassal.log.all(/^spawned uWSGI worker /).length - MINIMUM),
      'workers let go': String(vassal.log.all(/ cheaped\.$/).length),
      answers: String(kept.good + instance.fresh.good),
      'requests that failed': String(instance.bad),
      'longest gap': `${gap} ms`,
      'longest gap before, without scaling': `${calmGap} ms`,
    },
    problems: [
      ...(instance.bad > 0 ? [instance.summary()] : []),
      ...(seconds >= SHORT_SECONDS
        ? limit('longest gap between two answers', gap, calmGap + LONGEST_GAP_MS, 'ms')
        : []),
    ],
  };
}

/** @returns what went wrong, if anything did */
async function wave({ vassal, port }: LoadedInstance): Promise<string | undefined> {
  await using slow = new AsyncDisposableStack();
  for (let count = 1; count <= SLOW; count++) {
    const load = slow.use(new Load({ port, path: '/slow', clients: 1, keepAlive: true }));
    await until('there is a worker more', () => running(vassal) > MINIMUM + count - 1);
    await load.more(2);
    if (load.bad > 0) return load.summary();
  }
  return undefined;
}

/** Workers that were started and not let go. */
function running({ log }: Program): number {
  return log.all(/^spawned uWSGI worker /).length - log.all(/ cheaped\.$/).length;
}

export const SCALING: Scenario = {
  name: 'scaling',
  title: 'cheaper adds and lets go workers under waves of slow requests: no request fails',
  seconds: 60,
  run,
};
