import { Load } from '../../rig/load.ts';
import type { Program } from '../../rig/program.ts';
import { until } from '../../rig/until.ts';
import type { Outcome, Scenario, SoakScene } from '../scenario.ts';
import { LoadedInstance } from './loaded-instance.ts';

const LINES = ['processes = 4', 'cheaper = 1', 'cheaper-overload = 1', 'cheaper-step = 1'];

/** Slow requests come in waves: workers are added for each, and let go between them, while fast ones go on. */
async function run({ rig, seconds, note }: SoakScene): Promise<Outcome> {
  await using instance = await LoadedInstance.start(rig, LINES, 10);
  const { vassal, kept } = instance;
  kept.longestGapMs = 0;
  const deadline = performance.now() + seconds * 1000;
  let waves = 0;
  do {
    const mark = vassal.log.mark();
    {
      await using slow = new Load({ port: instance.port, path: '/slow', clients: 6, keepAlive: true });
      await vassal.waitForLog(/^spawned uWSGI worker \d /, mark);
      await slow.more(10);
      if (slow.bad > 0) return { figures: {}, problems: [`slow requests: ${slow.summary()}`] };
    }
    await until('one worker is left', () => running(vassal) === 1);
    waves++;
    note(`wave ${waves}: ${instance.summary()}`);
  } while (performance.now() < deadline);
  return {
    figures: {
      waves: String(waves),
      'workers added': String(vassal.log.all(/^spawned uWSGI worker /).length - 1),
      'workers let go': String(vassal.log.all(/ cheaped\.$/).length),
      answers: String(kept.good + instance.fresh.good),
      'requests that failed': String(instance.bad),
      'longest gap (slow requests of 200 ms in front)': `${Math.round(instance.longestGapMs)} ms`,
    },
    problems: instance.bad > 0 ? [instance.summary()] : [],
  };
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
