import { setTimeout as pause } from 'node:timers/promises';

import { Load } from '../../rig/load.ts';
import { isAlive } from '../../rig/processes.ts';
import type { Program } from '../../rig/program.ts';
import type { Rig } from '../../rig/rig.ts';
import { repository } from '../../rig/subject.ts';
import { percentile } from '../percentile.ts';
import type { Outcome, Scenario } from '../scenario.ts';
import { putAppSite, type WebSite } from '../web-site.ts';

const MOST_VASSALS = 10;
const PATIENCE_MS = 120_000;

/** Issue 7: SIGKILL of the emperor under load, then a new one. */
export const emperorKill: Scenario = {
  name: 'emperor-kill',
  title: 'the emperor is killed under load, again and again: same processes, no failed request',
  seconds: 40,
  async run({ rig, seconds, note }) {
    const count = Math.min(MOST_VASSALS, Math.max(2, Math.floor(seconds / 4)));
    const sites = await Promise.all(Array.from({ length: count }, (_, index) => putAppSite(rig, `site-${index}`)));
    let emperor = await start(rig);
    const pids = await acceptingPids(emperor, sites);
    const loads = sites.map(({ port }) => new Load({ port, clients: 1 }));
    const takeoverMs: number[] = [];
    const deadline = performance.now() + seconds * 1000;
    do {
      await pause(500);
      emperor.signal('SIGKILL');
      await emperor.exited;
      await pause(500);
      const began = performance.now();
      emperor = await start(rig);
      await acceptingPids(emperor, sites);
      takeoverMs.push(performance.now() - began);
    } while (performance.now() < deadline);
    for (const load of loads) await load.stop();
    const outcome = judge(pids, loads, takeoverMs);
    note('and a vassal that is killed afterwards comes back');
    const mark = emperor.log.mark();
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await emperor.log.waitFor(/vassal \S*site-0\S* is ready/, mark, PATIENCE_MS);
    await emperor.stop('SIGTERM');
    return outcome;
  },
};

function start(rig: Rig): Promise<Program> {
  return rig.start([`${repository}apps/emperor/bin/emperor`, '--glob', 'sites/*/uwsgi.ini']);
}

async function acceptingPids(emperor: Program, sites: readonly WebSite[]): Promise<number[]> {
  return Promise.all(
    sites.map(async ({ name }) => {
      const said = new RegExp(`"event":"vassal-ready","vassal":"sites/${name}/uwsgi.ini","pid":(\\d+)`);
      const [, pid] = await emperor.log.waitFor(said, 0, PATIENCE_MS);
      return Number(pid);
    }),
  );
}

function judge(pids: readonly number[], loads: readonly Load[], takeoverMs: readonly number[]): Outcome {
  const gone = pids.filter((pid) => !isAlive(pid));
  const good = loads.reduce((sum, load) => sum + load.good, 0);
  const problems = loads.filter(({ bad }) => bad > 0).map((load) => `failed requests: ${load.summary()}`);
  if (gone.length > 0) problems.push(`${gone.length} vassals have lost their process`);
  return {
    figures: {
      vassals: String(pids.length),
      'emperors killed': String(takeoverMs.length),
      'answered requests': String(good),
      'failed requests': String(loads.reduce((sum, { bad }) => sum + bad, 0)),
      'a new emperor has all of them, p95': `${percentile(takeoverMs, 0.95).toFixed(0)} ms`,
    },
    problems,
  };
}
