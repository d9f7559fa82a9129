import { readFileSync } from 'node:fs';

import { eventOf } from '../../operator/site.ts';
import { repository } from '../../rig/subject.ts';
import { loopLagMs, Onlookers, type Places } from '../onlookers.ts';
import { percentile } from '../percentile.ts';
import { putSites, Ruler, SAYS, touch } from '../ruler.ts';
import { limit, type Outcome, type Scenario, type SoakScene } from '../scenario.ts';
import { SHORT_SECONDS } from './gaps.ts';

const VASSALS_PER_SECOND = 16;
const MOST_VASSALS = 1000;
const DASHBOARDS = 3;
const PATIENCE_MS = 120_000;

/** What looking may cost the emperor, of one core: what is left is for supervision. Times depend on what else the machine does. */
const MOST_CPU_PERCENT = 50;

/** Watched and not, in turns: the deaths of the first minute would count for one of them alone. */
const ROUNDS = 2;

const PLACES = '--metrics 127.0.0.1:0 --admin 127.0.0.1:0 --dashboard --runtime-dir run'.split(' ');

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
    const [alone, watched, scrapeMs]: [Noticed[], Noticed[], number[]] = [[], [], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      alone.push(await touches(scene, ruler, well, places));
      const onlookers = new Onlookers(places, DASHBOARDS);
      const noticed = await touches(scene, ruler, well, places);
      await onlookers.served;
      await onlookers[Symbol.asyncDispose]();
      watched.push({ ...noticed, loopLagMs: Math.max(noticed.loopLagMs, onlookers.loopLagMs) });
      scrapeMs.push(...onlookers.scrapeMs);
    }
    await ruler.program.stop('SIGTERM');
    return judge(scene, count, merged(alone), merged(watched), scrapeMs);
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
  /** Of a core. */
  readonly cpuPercent: number;
}

function merged(rounds: readonly Noticed[]): Noticed {
  return {
    noticeMs: rounds.flatMap(({ noticeMs }) => noticeMs),
    loopLagMs: Math.max(...rounds.map(({ loopLagMs }) => loopLagMs)),
    cpuPercent: rounds.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0) / rounds.length,
  };
}

/** One after the other, for a part of the time. */
async function touches(scene: SoakScene, ruler: Ruler, names: readonly string[], places: Places): Promise<Noticed> {
  await loopLag(places);
  const noticeMs: number[] = [];
  const [startedAt, cpuBefore] = [performance.now(), ruler.cpuMs];
  const until = startedAt + (scene.seconds * 1000) / (3 * ROUNDS);
  for (let index = 0; performance.now() < until; index += 1) {
    const mark = ruler.program.log.mark();
    const began = performance.now();
    touch(ruler.path(names[(index * 37) % names.length] ?? ''), new Date(Date.now() + (index + 1) * 1000));
    noticeMs.push(await ruler.said(SAYS.reload, 1, mark, began, PATIENCE_MS));
  }
  const cpuPercent = ((ruler.cpuMs - cpuBefore) / (performance.now() - startedAt)) * 100;
  return { noticeMs, loopLagMs: await loopLag(places), cpuPercent };
}

async function loopLag({ metricsUrl }: Places): Promise<number> {
  return loopLagMs(await (await fetch(`${metricsUrl}/metrics`)).text());
}

function judge(
  { seconds }: SoakScene,
  count: number,
  alone: Noticed,
  watched: Noticed,
  scrapeMs: readonly number[],
): Outcome {
  const p95 = ({ noticeMs }: Noticed): number => percentile(noticeMs, 0.95);
  return {
    figures: {
      vassals: String(count),
      'a touch is noticed, p95': `${p95(watched).toFixed(0)} ms, unwatched ${p95(alone).toFixed(0)} ms`,
      'longest delay of the event loop': `${watched.loopLagMs.toFixed(0)} ms, unwatched ${alone.loopLagMs.toFixed(0)} ms`,
      'CPU of the emperor, of one core': `${watched.cpuPercent.toFixed(0)} %, unwatched ${alone.cpuPercent.toFixed(0)} %`,
      'a scrape, median': `${percentile(scrapeMs, 0.5).toFixed(0)} ms`,
    },
    problems:
      seconds < SHORT_SECONDS
        ? []
        : limit('CPU for those who look', watched.cpuPercent - alone.cpuPercent, MOST_CPU_PERCENT, '% of a core'),
  };
}
