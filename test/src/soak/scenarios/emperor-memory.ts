import { setTimeout as pause } from 'node:timers/promises';

import { privateBytes } from '../../rig/processes.ts';
import { repository } from '../../rig/subject.ts';
import { until } from '../../rig/until.ts';
import { putSites } from '../ruler.ts';
import { limit, type Scenario } from '../scenario.ts';
import { SHORT_SECONDS } from './gaps.ts';

const NAMES = [
  'floods-1',
  'floods-2',
  'dies-1',
  'dies-2',
  'dies-3',
  ...Array.from({ length: 20 }, (_, i) => `well-${i}`),
];
const LOOK_EVERY_MS = 250;
/** The first part of the run: caches fill, code is compiled. */
const WARM_UP_SHARE = 0.3;
/** More is a leak: what a flood leaves for the collector varies by less. */
const MOST_GROWTH_MB = 8;
/** In a short run the collector has not found its pace yet. A flood that is kept is more within seconds. */
const MOST_GROWTH_AT_FIRST_MB = 32;

/** Issue 7: flat private memory under floods of lines, deaths without end and scrapes. */
export const emperorMemory: Scenario = {
  name: 'emperor-memory',
  title: 'log floods, deaths and scrapes without end: the private memory of the emperor stays flat',
  seconds: 300,
  async run({ rig, seconds, note }) {
    putSites(rig, NAMES, 0);
    const metricsPort = await rig.port();
    const words = ['--glob', 'sites/*/uwsgi.ini', '--emperor-wrapper', `${repository}test/fixtures/vassals/by-name`];
    const fast = [
      '--emperor-curse-tolerance',
      '2',
      '--emperor-throttle',
      '20',
      '--emperor-max-throttle',
      '50',
      '--metrics',
      `127.0.0.1:${metricsPort}`,
    ];
    const emperor = await rig.start([`${repository}apps/emperor/bin/emperor`, ...words, ...fast]);
    await emperor.waitForLog(/is ready to accept requests/);
    const began = performance.now();
    const warm: number[] = [];
    const late: number[] = [];
    let scrapes = 0;
    let text = '';
    while (performance.now() - began < seconds * 1000) {
      text = await until('the metrics answer', () => scrape(metricsPort));
      scrapes += 1;
      const isWarmingUp = performance.now() - began < seconds * 1000 * WARM_UP_SHARE;
      (isWarmingUp ? warm : late).push(privateBytes(emperor.pid) / 2 ** 20);
      // What was read is not kept: it is the emperor's memory that is measured, but a test process has limits too.
      emperor.log.lines.length = 0;
      await pause(LOOK_EVERY_MS);
    }
    note('stopping');
    await emperor.stop('SIGTERM');
    const growth = mean(late.slice(-Math.ceil(late.length / 4))) - mean(late.slice(0, Math.ceil(late.length / 4)));
    return {
      figures: {
        'private memory, after the warm-up': `${mean(late.slice(0, Math.ceil(late.length / 4))).toFixed(1)} MB`,
        'private memory, at the end': `${mean(late.slice(-Math.ceil(late.length / 4))).toFixed(1)} MB`,
        'growth between them': `${growth.toFixed(1)} MB`,
        scrapes: String(scrapes),
        'vassals started again': sumOf(text, 'emperor_vassal_restarts_total'),
        'lines dropped': sumOf(text, 'emperor_vassal_output_lines_dropped_total'),
      },
      problems: limit(
        'growth of private memory',
        growth,
        seconds < SHORT_SECONDS ? MOST_GROWTH_AT_FIRST_MB : MOST_GROWTH_MB,
        'MB',
      ),
    };
  },
};

async function scrape(port: number): Promise<string | undefined> {
  try {
    return await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  } catch {
    return undefined;
  }
}

function sumOf(text: string, metric: string): string {
  const values = Array.from(text.matchAll(new RegExp(`^${metric}\\{[^}]*\\} (\\S+)$`, 'gm')), (match) =>
    Number(match[1]),
  );
  return String(values.reduce((sum, value) => sum + value, 0));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
