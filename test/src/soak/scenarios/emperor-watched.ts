import { readFileSync } from 'node:fs';

import { eventOf } from '../../operator/site.ts';
import { repository } from '../../rig/subject.ts';
import { Onlookers, type Places } from '../onlookers.ts';
import { percentile } from '../percentile.ts';
import { putSites, Ruler, SAYS, touch } from '../ruler.ts';
import { limit, type Outcome, type Scenario, type SoakScene } from '../scenario.ts';

const VASSALS_PER_SECOND = 16;
const MOST_VASSALS = 1000;
const DASHBOARDS = 3;
const PATIENCE_MS = 120_000;

/** Longest that supervision may take to notice a touch with everybody looking, in milliseconds: a busy machine is not the emperor's fault. */
const MOST_NOTICE_MS = 2000;

const PLACES = '--metrics 127.0.0.1:0 --admin 127.0.0.1:0 --dashboard --runtime-dir run'.split(' ');

/** The emperor measures how long its event loop was blocked. */
const LOOP_LAG = /^emperor_event_loop_lag_seconds (\S+)$/m;

/** Issue 8: many vassals of which half keep dying, watched by everybody at once; touches are noticed as if nobody looked. */
export const emperorWatched: Scenario = {
  name: 'emperor-watched',
  title: '1,000 vassals of which half crash: scrapes, status calls, dashboards and slow readers slow nothing down',
  seconds: 60,
  async run(scene) {
    const count = Math.min(MOST_VASSALS, 2 * Math.round((scene.seconds * VASSALS_PER_SECOND) / 2));
    const names = Array.from({ length: count }, (_, index) => `site-${String(index).padStart(4, '0')}`);
    putSites(scene.rig, names, 0);
    const wrapper = `${repository}test/fixtures/vassals/half-crash`;
    const ruler = await Ruler.ours(scene.rig, '--emperor-wrapper-override', wrapper, ...PLACES);
    const well = names.filter((_, index) => index % 2 === 0);
    await ruler.said(SAYS.ready, well.length, 0, performance.now(), PATIENCE_MS);
    const places = await placesOf(scene, ruler);
    const alone = await touches(scene, ruler, well, places);
    const onlookers = new Onlookers(places, DASHBOARDS);
    const watched = await touches(scene, ruler, well, places);
    await onlookers[Symbol.asyncDispose]();
    await ruler.program.stop('SIGTERM');
    return judge(count, alone, watched, onlookers);
  },
};

async function placesOf({ rig }: SoakScene, { program }: Ruler): Promise<Places> {
  return {
    metricsUrl: String((await eventOf(program, 'metrics-listening'))['url']),
    adminUrl: String((await eventOf(program, 'admin-listening'))['url']),
    token: readFileSync(rig.path('run/admin.token'), 'utf8').trim(),
    commandSocket: rig.path('run/emperor.sock'),
  };
}

interface Noticed {
  readonly noticeMs: readonly number[];
  readonly loopLagMs: number;
}

/** One after the other, for a third of the time. */
async function touches(scene: SoakScene, ruler: Ruler, names: readonly string[], places: Places): Promise<Noticed> {
  await loopLag(places);
  const noticeMs: number[] = [];
  const until = performance.now() + (scene.seconds * 1000) / 3;
  for (let index = 0; performance.now() < until; index += 1) {
    const mark = ruler.program.log.mark();
    const began = performance.now();
    touch(ruler.path(names[(index * 37) % names.length] ?? ''), new Date(Date.now() + (index + 1) * 1000));
    noticeMs.push(await ruler.said(SAYS.reload, 1, mark, began, PATIENCE_MS));
  }
  return { noticeMs, loopLagMs: await loopLag(places) };
}

/** Longest delay since the last look, in milliseconds. */
async function loopLag({ metricsUrl }: Places): Promise<number> {
  const metrics = await (await fetch(`${metricsUrl}/metrics`)).text();
  return Number(LOOP_LAG.exec(metrics)?.[1]) * 1000;
}

function judge(count: number, alone: Noticed, watched: Noticed, { scrapeMs }: Onlookers): Outcome {
  const p95 = ({ noticeMs }: Noticed): number => percentile(noticeMs, 0.95);
  return {
    figures: {
      vassals: String(count),
      'a touch is noticed, p95': `${p95(watched).toFixed(0)} ms, unwatched ${p95(alone).toFixed(0)} ms`,
      'longest delay of the event loop': `${watched.loopLagMs.toFixed(0)} ms, unwatched ${alone.loopLagMs.toFixed(0)} ms`,
      'a scrape, median': `${percentile(scrapeMs, 0.5).toFixed(0)} ms`,
    },
    problems: [
      ...limit('a touch is noticed', p95(watched), MOST_NOTICE_MS, 'ms'),
      ...(scrapeMs.length === 0 ? ['nobody was served'] : []),
    ],
  };
}
