import { rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { ask } from '../../rig/http-client.ts';
import { Load } from '../../rig/load.ts';
import type { Program } from '../../rig/program.ts';
import { repository } from '../../rig/subject.ts';
import type { Outcome, Scenario, SoakScene } from '../scenario.ts';
import { touch } from '../ruler.ts';
import { putAppSite, putFileSite, type WebSite } from '../web-site.ts';

const PATIENCE_MS = 180_000;
const MOST_SITES = 30;
const BETWEEN_BLOWS_MS = 150;

interface Sites {
  /** Those that are left in peace, and have clients. */
  readonly healthy: readonly WebSite[];
  readonly victims: readonly WebSite[];
  /** An app that is asked to flood its log. */
  readonly flooder: WebSite;
}

/** Issue 7: random kills, edits and floods; whoever is left in peace answers every request. */
export const emperorChaos: Scenario = {
  name: 'emperor-chaos',
  title: 'random kills, edits and floods over 30 vassals: the healthy ones answer every request',
  seconds: 600,
  async run(scene) {
    const sites = await putSites(scene);
    const words = ['--glob', 'sites/*/uwsgi.ini', '--emperor-throttle', '50', '--emperor-max-throttle', '1000'];
    const emperor = await scene.rig.start([`${repository}apps/emperor/bin/emperor`, ...words]);
    for (const site of [...sites.healthy, ...sites.victims, sites.flooder]) await accepting(emperor, site);
    scene.note('all accept');
    const loads = sites.healthy.slice(0, 5).map(({ port }) => new Load({ port, clients: 1 }));
    const blows = await strike(scene, emperor, sites);
    for (const load of loads) await load.stop();
    await recover(emperor, sites.victims);
    await emperor.stop('SIGTERM');
    return judge(sites, blows, loads);
  },
};

async function putSites({ rig, seconds }: SoakScene): Promise<Sites> {
  const count = Math.min(MOST_SITES, Math.max(6, Math.round(seconds)));
  const healthy = [await putAppSite(rig, 'healthy-0'), await putAppSite(rig, 'healthy-1')];
  for (let index = 2; index < count / 2; index += 1) healthy.push(await putFileSite(rig, `healthy-${index}`));
  const victims: WebSite[] = [];
  for (let index = 1; index < count / 2; index += 1) victims.push(await putFileSite(rig, `victim-${index}`));
  return { healthy, victims, flooder: await putAppSite(rig, 'flooder') };
}

function readyLine({ name }: WebSite): RegExp {
  return new RegExp(`"event":"vassal-ready","vassal":"sites/${name}/uwsgi.ini","pid":(\\d+)`);
}

async function accepting(emperor: Program, site: WebSite, mark = 0): Promise<void> {
  await emperor.log.waitFor(readyLine(site), mark, PATIENCE_MS);
}

/** One blow after the other at random. Returns how many of each there were. */
async function strike({ seconds }: SoakScene, emperor: Program, sites: Sites): Promise<Map<string, number>> {
  const blows = Object.entries(BLOWS);
  const counts = new Map<string, number>();
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline) {
    const [name, blow] = blows[Math.floor(Math.random() * blows.length)] ?? ['', () => undefined];
    const victim = sites.victims[Math.floor(Math.random() * sites.victims.length)];
    if (victim !== undefined) blow(victim, sites, emperor);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    await pause(BETWEEN_BLOWS_MS);
  }
  return counts;
}

const BLOWS: Readonly<Record<string, (victim: WebSite, sites: Sites, emperor: Program) => void>> = {
  kill: (victim, _, emperor) => {
    const launched = new RegExp(`"event":"vassal-launched","vassal":"sites/${victim.name}/uwsgi.ini","pid":(\\d+)`);
    const pid = Number(emperor.log.all(launched).at(-1)?.[1] ?? 0);
    try {
      if (pid > 0) process.kill(pid, 'SIGKILL');
    } catch {
      // It is dead already.
    }
  },
  touch: ({ ini }) => {
    try {
      touch(ini);
    } catch {
      // It is removed at the moment.
    }
  },
  break: ({ ini }) => writeFileSync(ini, '[uwsgi]\nhttp-socket = nonsense:nonsense\n'),
  mend: (victim) => writeFileSync(victim.ini, configOf(victim)),
  remove: ({ ini }) => rmSync(ini, { force: true }),
  flood: (_, { flooder }) => void ask(flooder.port, 'GET /flood').catch(() => undefined),
};

function configOf({ port }: WebSite): string {
  const options = ['processes = 0', 'check-static = %dfiles', 'static-index = index.html'];
  return ['[uwsgi]', 'master = true', `http-socket = 127.0.0.1:${port}`, ...options, ''].join('\n');
}

/** Whatever was done to them: a good configuration brings each one back. */
async function recover(emperor: Program, victims: readonly WebSite[]): Promise<void> {
  for (const victim of victims) {
    const mark = emperor.log.mark();
    rmSync(victim.ini, { force: true });
    await pause(BETWEEN_BLOWS_MS);
    writeFileSync(victim.ini, configOf(victim));
    await accepting(emperor, victim, mark);
  }
}

function judge({ healthy, victims }: Sites, blows: ReadonlyMap<string, number>, loads: readonly Load[]): Outcome {
  return {
    figures: {
      vassals: `${healthy.length} healthy, ${victims.length} victims, 1 that floods its log`,
      blows: [...blows].map(([name, count]) => `${count} x ${name}`).join(', '),
      'answered requests of the healthy': String(loads.reduce((sum, { good }) => sum + good, 0)),
      'failed requests of the healthy': String(loads.reduce((sum, { bad }) => sum + bad, 0)),
      'longest gap between two answers': `${Math.max(...loads.map(({ longestGapMs }) => longestGapMs)).toFixed(0)} ms`,
    },
    problems: loads.filter(({ bad }) => bad > 0).map((load) => `failed requests: ${load.summary()}`),
  };
}
