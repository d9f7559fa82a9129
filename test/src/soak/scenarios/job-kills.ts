import { startRedis } from '../../cache/redis.ts';
import { type KillRunOptions, runKills } from '../../jobs/kill-run.ts';
import type { Outcome, Scenario } from '../scenario.ts';

/** Jobs handed in per second of the run, if it must be. */
const JOBS_PER_SECOND = 80;

/** 10,000 jobs under fire. */
export const jobKills: Scenario = {
  name: 'job-kills',
  title: 'jobs while spoolers, workers, vassal and emperor are killed at random',
  seconds: 125,
  run: ({ rig, seconds, note }) => underFire({ rig, jobs: seconds * JOBS_PER_SECOND, pauseMs: 250, note }),
};

/** The same with the queue on a Redis, which is left alone. */
export const redisJobKills: Scenario = {
  name: 'redis-job-kills',
  title: 'jobs on a Redis while spoolers, workers, vassal and emperor are killed at random',
  seconds: 125,
  parts: ['redis'],
  async run({ rig, seconds, note }) {
    const { port } = await startRedis(rig);
    const url = `redis://127.0.0.1:${port}`;
    return underFire({ rig, jobs: seconds * JOBS_PER_SECOND, pauseMs: 250, note, url });
  },
};

async function underFire(options: KillRunOptions): Promise<Outcome> {
  const result = await runKills(options);
  const kills = Object.entries(result.kills).map(([kind, count]) => `${count} ${kind}`);
  return {
    figures: {
      'jobs acknowledged': String(result.acknowledged),
      'acknowledged jobs lost': String(result.lost.length),
      'runs beyond the first': String(result.repeats),
      'jobs given up': String(result.dead),
      kills: kills.join(', '),
    },
    problems: [
      ...(result.lost.length > 0 ? [`lost: ${result.lost.slice(0, 20).join(' ')}`] : []),
      ...(result.dead > 0 ? [`${result.dead} jobs were given up though nothing is wrong with them`] : []),
    ],
  };
}
