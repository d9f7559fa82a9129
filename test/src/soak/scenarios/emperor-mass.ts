import { setTimeout as pause } from 'node:timers/promises';

import { percentile } from '../percentile.ts';
import { putSites, removeSites, Ruler, SAYS, touch } from '../ruler.ts';
import { limit, type Outcome, type Scenario, type SoakScene } from '../scenario.ts';

/** In a minute a thousand; a short run has fewer. */
const VASSALS_PER_SECOND = 16;
const MOST_VASSALS = 1000;

/** Of each site. */
const NEIGHBOURS = 20;

const PATIENCE_MS = 180_000;
/** The real one takes seconds for each. */
const TOUCHES = { ours: 40, theirs: 5 } as const;

/** What one emperor took for the same work. */
interface Figures {
  readonly startMs: number;
  readonly idleCpuPercent: number;
  readonly privateMegabytes: number;
  readonly touchMs: number;
  /** From the touch of one file to the word of it. */
  readonly detectionMs: readonly number[];
  readonly removalMs: number;
  readonly privateMegabytesAfter: number;
}

/** DESIGN 6, issue 7: a thousand vassals, beside the real uWSGI's emperor over the same tree in the same run. */
export const emperorMass: Scenario = {
  name: 'emperor-mass',
  title: '1,000 trivial vassals: start, rest, touch, removal, beside the real Emperor',
  seconds: 60,
  parts: ['uwsgi'],
  async run(scene) {
    const count = Math.min(MOST_VASSALS, Math.round(scene.seconds * VASSALS_PER_SECOND));
    const ours = await reign(scene, count, await begin(scene, count, () => Ruler.ours(scene.rig)), TOUCHES.ours);
    const theirs = await reign(scene, count, await begin(scene, count, () => Ruler.real(scene.rig)), TOUCHES.theirs);
    return judge(count, ours, theirs);
  },
};

interface Begun {
  readonly ruler: Ruler;
  readonly startMs: number;
}

async function begin(scene: SoakScene, count: number, start: () => Promise<Ruler>): Promise<Begun> {
  putSites(scene.rig, siteNames(count), NEIGHBOURS);
  const began = performance.now();
  const ruler = await start();
  const startMs = await ruler.said(SAYS.ready, count, 0, began, PATIENCE_MS);
  scene.note(`${count} vassals accept after ${Math.round(startMs)} ms`);
  return { ruler, startMs };
}

async function reign(scene: SoakScene, count: number, { ruler, startMs }: Begun, touches: number): Promise<Figures> {
  const restMs = Math.min(10_000, scene.seconds * 200);
  // What came with the start has to settle: the collector of garbage tidies up once, when nothing has happened for some ten seconds.
  await pause(restMs * 2.5);
  const cpuBefore = ruler.cpuMs;
  await pause(restMs);
  const idleCpuPercent = ((ruler.cpuMs - cpuBefore) / restMs) * 100;
  const { privateMegabytes } = ruler;
  const detectionMs = await detections(ruler, count, touches);
  const touchMs = await massTouch(ruler, count);
  const mark = ruler.program.log.mark();
  const began = performance.now();
  removeSites(scene.rig);
  const removalMs = await ruler.said(SAYS.removed, count, mark, began, PATIENCE_MS);
  const privateMegabytesAfter = ruler.privateMegabytes;
  await ruler.program.stop();
  return { startMs, idleCpuPercent, privateMegabytes, touchMs, detectionMs, removalMs, privateMegabytesAfter };
}

/** One file after the other. The real emperor sees whole seconds only: each touch is of a second of its own. */
async function detections(ruler: Ruler, count: number, touches: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < touches; index += 1) {
    const name = siteName((index * 37) % count);
    const mark = ruler.program.log.mark();
    const began = performance.now();
    touch(ruler.path(name), new Date(Date.now() + (index + 1) * 1000));
    times.push(await ruler.said(SAYS.reload, 1, mark, began, PATIENCE_MS));
  }
  return times;
}

async function massTouch(ruler: Ruler, count: number): Promise<number> {
  const mark = ruler.program.log.mark();
  const began = performance.now();
  const moment = new Date(Date.now() + 3_600_000);
  for (const name of siteNames(count)) touch(ruler.path(name), moment);
  return ruler.said(SAYS.reload, count, mark, began, PATIENCE_MS);
}

function siteNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => siteName(index));
}

function siteName(index: number): string {
  return `site-${String(index).padStart(4, '0')}`;
}

function judge(count: number, ours: Figures, theirs: Figures): Outcome {
  const row = (unit: string, digits: number, pick: (figures: Figures) => number): string =>
    `${pick(ours).toFixed(digits)} ${unit}, the real one ${pick(theirs).toFixed(digits)} ${unit}`;
  const p95 = ({ detectionMs }: Figures): number => percentile(detectionMs, 0.95);
  return {
    figures: {
      vassals: String(count),
      'all accept after': row('ms', 0, ({ startMs }) => startMs),
      'CPU at rest, of one core': row('%', 2, ({ idleCpuPercent }) => idleCpuPercent),
      'private memory': row('MB', 1, ({ privateMegabytes }) => privateMegabytes),
      'a touch is noticed, p95': row('ms', 0, p95),
      'all touched, all told to reload after': row('ms', 0, ({ touchMs }) => touchMs),
      'all removed, all gone after': row('ms', 0, ({ removalMs }) => removalMs),
      'private memory afterwards': row('MB', 1, ({ privateMegabytesAfter }) => privateMegabytesAfter),
    },
    problems: [
      ...limit('CPU at rest', ours.idleCpuPercent, 0.5, '% of a core'),
      ...limit('private memory', ours.privateMegabytes, 120, 'MB'),
      ...limit('private memory afterwards', ours.privateMegabytesAfter, 120, 'MB'),
      ...limit('a touch is noticed, p95', p95(ours), 500, 'ms'),
    ],
  };
}
