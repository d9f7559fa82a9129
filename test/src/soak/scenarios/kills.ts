import { setTimeout as pause } from 'node:timers/promises';

import { processTree } from '../../rig/processes.ts';
import { until } from '../../rig/until.ts';
import type { Outcome, Scenario, SoakScene } from '../scenario.ts';
import { LoadedInstance } from './loaded-instance.ts';

const WORKERS = 2;
/** Between two kills, so that no worker counts as one that keeps dying. */
const BETWEEN_MS = 1100;

/** Workers are killed one after the other: only what they were running may fail. */
async function run({ rig, seconds, note }: SoakScene): Promise<Outcome> {
  await using instance = await LoadedInstance.start(rig, [`processes = ${WORKERS}`]);
  const { vassal } = instance;
  const deadline = performance.now() + seconds * 1000;
  let kills = 0;
  do {
    const workers = vassal.log.all(/^(?:spawned|Respawned) uWSGI worker \d+ \((?:new )?pid: (\d+)/);
    const alive = new Set(processTree(vassal.pid).map(({ pid }) => pid));
    const pid = workers.map((match) => Number(match[1])).findLast((each) => alive.has(each));
    if (pid === undefined) return { figures: {}, problems: ['there is no worker to be killed'] };
    const mark = vassal.log.mark();
    process.kill(pid, 'SIGKILL');
    kills++;
    await vassal.waitForLog(/^Respawned uWSGI worker \d+ /, mark);
    await instance.more(20);
    note(`kill ${kills}: ${instance.summary()}`);
    if (performance.now() < deadline) await pause(BETWEEN_MS);
  } while (performance.now() < deadline);
  const running = await until('all workers run', () => processTree(vassal.pid).length === WORKERS + 2 && WORKERS);
  return {
    figures: {
      kills: String(kills),
      'workers that run': String(running),
      answers: String(instance.kept.good + instance.fresh.good),
      'requests that failed': String(instance.bad),
      'longest gap': `${Math.round(instance.longestGapMs)} ms`,
    },
    // A worker runs one request at a time.
    problems: instance.bad > kills ? [`${kills} kills cost more than a request each: ${instance.summary()}`] : [],
  };
}

export const KILLS: Scenario = {
  name: 'kills',
  title: 'workers are killed under load: only the requests they were running fail',
  seconds: 60,
  run,
};
