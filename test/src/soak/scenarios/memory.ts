import { askOften } from '../../budget/ask-often.ts';
import { ask } from '../../rig/http-client.ts';
import { privateBytesOfTree } from '../../rig/processes.ts';
import type { Rig } from '../../rig/rig.ts';
import { until } from '../../rig/until.ts';
import { appArguments, layOutProject } from '../../tutorial/project.ts';
import { limit, type Outcome, type Scenario } from '../scenario.ts';

/** So many requests go over open connections in each of the given seconds: 100,000 in all unless it is told otherwise. */
const REQUESTS_PER_SECOND = 2500;
const AT_A_TIME = 50;
/** For so many of them, one comes on a connection of its own. */
const REQUESTS_PER_CONNECTION = 20;
/** What code that has become hot keeps, and what the collector leaves; 100,000 requests that leave 50 bytes each are more. */
const MOST_GROWTH_MB = 5;
const MEGABYTE = 2 ** 20;

/** Issue 4: what requests have cost is given back, whoever watches the sockets. */
export const MEMORY: Scenario = {
  name: 'memory',
  title: '100,000 requests on each transport: the private memory of a vassal comes back to what it was',
  seconds: 40,
  async run({ rig, seconds, note }) {
    layOutProject(rig);
    const outcomes: Outcome[] = [];
    for (const loop of ['epoll', 'node']) outcomes.push(await serve(rig, loop, REQUESTS_PER_SECOND * seconds, note));
    return {
      figures: Object.assign({}, ...outcomes.map(({ figures }) => figures)) as Outcome['figures'],
      problems: outcomes.flatMap(({ problems }) => problems),
    };
  },
};

async function serve(rig: Rig, loop: string, requests: number, note: (line: string) => void): Promise<Outcome> {
  const port = await rig.port();
  const vassal = await rig.vassal([...appArguments(port), '--processes', '2', '--disable-logging', '--loop', loop]);
  await vassal.waitForLog(/^spawned uWSGI worker 2 /);
  await ask(port, 'GET /');
  const megabytes = (): number => privateBytesOfTree(vassal.pid) / MEGABYTE;
  const before = megabytes();
  note(`loop = ${loop}: ${requests} requests`);
  await Promise.all([askOften(port, requests, { atATime: AT_A_TIME }), askSingly(port, requests)]);
  const busy = megabytes();
  // The garbage goes when no more work has come for a while.
  const settled = (): boolean => megabytes() <= before + MOST_GROWTH_MB;
  await until('the memory is given back', settled).catch(() => undefined);
  const after = megabytes();
  await vassal.stop('SIGINT');
  return {
    figures: {
      [`loop = ${loop}: private memory before`]: `${before.toFixed(1)} MB`,
      [`loop = ${loop}: right behind ${requests} requests`]: `${busy.toFixed(1)} MB`,
      [`loop = ${loop}: some seconds later`]: `${after.toFixed(1)} MB`,
    },
    problems: limit(`growth of private memory with loop = ${loop}`, after - before, MOST_GROWTH_MB, 'MB'),
  };
}

async function askSingly(port: number, requests: number): Promise<void> {
  for (let asked = 0; asked < requests; asked += REQUESTS_PER_CONNECTION) await ask(port, 'GET /');
}
