import { utimesSync, writeFileSync } from 'node:fs';

import { ask } from '../../rig/http-client.ts';
import type { Rig } from '../../rig/rig.ts';
import { limit, type Outcome, type Scenario, type SoakScene } from '../scenario.ts';
import { LONGEST_GAP_MS, longestCalmGap, SHORT_SECONDS } from './gaps.ts';
import { LoadedInstance } from './loaded-instance.ts';

/** Way to ask for a reload, and the line with which it is over. */
interface ReloadKind {
  readonly name: string;
  readonly done: RegExp;
  ask(instance: LoadedInstance, rig: Rig): unknown;
}

const GENERATION = /^gracefully \(RE\)spawned uWSGI master process \(pid: \d+\)$/;
const WORKERS = /^Respawned uWSGI worker 2 /;
const CHAIN = / - chain reloading complete$/;

let touches = 0;

/** Each touch gives another time, also within a second. */
function touch(file: string): (instance: LoadedInstance, rig: Rig) => void {
  return (_instance, rig) => {
    const time = new Date(Date.now() + 1000 * ++touches);
    utimesSync(rig.path(file), time, time);
  };
}

function letter(text: string): (instance: LoadedInstance, rig: Rig) => void {
  return (_instance, rig) => writeFileSync(rig.path('fifo'), text);
}

const KINDS: readonly ReloadKind[] = [
  { name: 'SIGHUP', done: GENERATION, ask: ({ vassal }) => vassal.signal('SIGHUP') },
  { name: 'touch-reload', done: GENERATION, ask: touch('all') },
  { name: 'touch-workers-reload', done: WORKERS, ask: touch('workers') },
  { name: 'touch-chain-reload', done: CHAIN, ask: touch('chain') },
  { name: 'fs-reload', done: GENERATION, ask: (_instance, rig) => rig.write('watched', String(++touches)) },
  { name: 'fifo r', done: GENERATION, ask: letter('r') },
  { name: 'fifo R', done: GENERATION, ask: letter('R') },
  { name: 'fifo c', done: CHAIN, ask: letter('c') },
  { name: 'fifo w', done: WORKERS, ask: letter('w') },
  { name: 'fifo W', done: WORKERS, ask: letter('W') },
  { name: 'uwsgi.reload()', done: GENERATION, ask: ({ port }) => ask(port, 'GET /reload') },
];

const LINES = [
  'processes = 2',
  'touch-reload = all',
  'touch-workers-reload = workers',
  'touch-chain-reload = chain',
  'fs-reload = watched',
  'master-fifo = fifo',
];

/** Some 500 requests a second, which leave the machine room for what a reload does. */
const THINK_MS = 10;

async function run({ rig, seconds, note }: SoakScene): Promise<Outcome> {
  for (const file of ['all', 'workers', 'chain', 'watched']) rig.write(file, '');
  await using instance = await LoadedInstance.start(rig, LINES, THINK_MS);
  const calmGap = await longestCalmGap(instance.kept);
  const deadline = performance.now() + seconds * 1000;
  const gaps = new Map<string, number>();
  let count = 0;
  // Each kind once, however short the time is.
  for (; count < KINDS.length || performance.now() < deadline; count++) {
    const kind = KINDS[count % KINDS.length];
    if (kind === undefined) break;
    const mark = instance.vassal.log.mark();
    instance.kept.longestGapMs = 0;
    await kind.ask(instance, rig);
    await instance.vassal.waitForLog(kind.done, mark);
    await instance.more(40);
    gaps.set(kind.name, Math.max(gaps.get(kind.name) ?? 0, instance.longestGapMs));
    note(`${kind.name}: longest gap ${Math.round(instance.longestGapMs)} ms`);
  }
  const longest = Math.max(...gaps.values());
  return {
    figures: {
      reloads: String(count),
      answers: String(instance.kept.good + instance.fresh.good),
      'requests that failed': String(instance.bad),
      'longest gap before, without reloads': `${calmGap} ms`,
      ...Object.fromEntries([...gaps].map(([name, ms]) => [`longest gap, ${name}`, `${Math.round(ms)} ms`])),
    },
    problems: [
      ...(instance.bad > 0 ? [instance.summary()] : []),
      ...(seconds < SHORT_SECONDS
        ? []
        : limit('longest gap between two answers', longest, calmGap + LONGEST_GAP_MS, 'ms')),
    ],
  };
}

export const RELOADS: Scenario = {
  name: 'reloads',
  title: 'every kind of reload under load, one after the other: no request fails, no gap',
  seconds: 60,
  run,
};
