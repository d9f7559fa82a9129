import { ago, bytesText, durationText, latencyText, processTree, rateText, until } from '@emperor/dashboard/format';

import { harmless } from '../vassal/harmless.ts';
import type { VassalFigures } from '../vassal/vassal-figures.ts';
import type { VassalPage } from './admin-api.ts';
import type { EventLine } from './recent-events.ts';
import type { VassalStatus } from './status.ts';

/** Of output, on the page of one vassal. */
const PAGE_LINES = 20;
/** What a page has of them at most. */
const PAGE_PROCESSES = 40;

type Fact = readonly [what: string, text: string | undefined];

/**
 * Everything about one vassal: how it is and why, its processes, what it runs with, what happened to it and what it wrote last.
 * @param events what happened to it, oldest first
 * @param now Unix time in milliseconds
 */
export function statusPage({ status, configuration }: VassalPage, events: readonly EventLine[], now: number): string {
  const facts = [...life(status, now), ...(status.figures === undefined ? [] : figures(status.figures, now))];
  const blocks = [
    facts.flatMap(([what, text]) => (text ? [`  ${what.padEnd(12)}${text}`] : [])),
    titled('Processes', processTree((status.figures?.processes ?? []).slice(0, PAGE_PROCESSES))),
    titled('Services', services(status.figures?.services)),
    titled('Configuration', (configuration?.entries ?? []).map(configurationLine)),
    titled('Problems of its files as they are now', configuration?.problems ?? []),
    titled(
      'Events',
      events.map((event) => `${clock(event.time)} ${withoutTag(event.message)}`),
    ),
    titled('Last lines', status.lastLines.slice(-PAGE_LINES)),
  ];
  const text = blocks.filter((block) => block.length > 0).map((block) => block.map(harmless).join('\n'));
  return `${harmless(status.name)}\n${text.join('\n\n')}\n`;
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0
    ? []
    : [`${title}:`, ...lines.flatMap((line) => line.split('\n')).map((line) => `  ${line}`)];
}

function life(status: VassalStatus, now: number): Fact[] {
  return [
    ['state', `${status.state}, for ${ago(status.since, now)}`],
    ['reason', status.reason],
    ['error', status.lastError],
    ['next try', status.nextTry === undefined ? undefined : `in ${until(status.nextTry, now)}`],
    ['file', status.path],
    ['pid', status.pid === undefined ? undefined : String(status.pid)],
    ['starts', String(status.launches)],
    ['last exit', status.lastExit],
    ['answering', status.pid === undefined || status.answering ? undefined : 'no: it does not tell how it is'],
  ];
}

function figures(all: VassalFigures, now: number): Fact[] {
  const { recent, workers, memory, lastReload } = all;
  const maximum =
    workers.maximum === undefined || workers.maximum === workers.total ? '' : `, ${workers.maximum} at most`;
  return [
    ['addresses', all.addresses.join(' ')],
    ['workers', `${workers.busy} of ${workers.total} busy${maximum}; ${all.queueDepth} requests waiting`],
    ['requests', `${all.requests}, ${all.responses['5xx']} of them answered with 5xx`],
    [
      'lately',
      recent &&
        `${rateText(recent.requestsPerSecond)} requests/s, p50 ${latencyText(recent.p50Ms)}, p95 ${latencyText(recent.p95Ms)}, p99 ${latencyText(recent.p99Ms)}, ${recent.errors} 5xx`,
    ],
    ['memory', memory && `${bytesText(memory.privateBytes)} of its own`],
    ['cpu', all.cpuSeconds === undefined ? undefined : `${all.cpuSeconds.toFixed(1)} s`],
    [
      'last reload',
      lastReload &&
        `${durationText(now - lastReload.at)} ago, ${lastReload.outcome}${lastReload.reason === '' ? '' : `: ${lastReload.reason}`}, ${Math.round(lastReload.tookMs)} ms`,
    ],
    ['log', all.logLinesDropped ? `${all.logLinesDropped} lines dropped` : undefined],
  ];
}

function services(all: VassalFigures['services']): string[] {
  return Object.entries(all ?? {}).map(([name, told]) => `${name}: ${JSON.stringify(told)}`);
}

function configurationLine({ key, value, origin }: { key: string; value: string; origin: string }): string {
  return `${value === '' ? key : `${key} = ${value}`}   (${origin})`;
}

/** `10:02:11`, where the operator is. */
function clock(time: string): string {
  return new Date(time).toTimeString().slice(0, 8);
}

/** uWSGI's mark of the emperor's lines says nothing here. */
function withoutTag(message: string): string {
  return message.replace(/^\[emperor\] /, '');
}
