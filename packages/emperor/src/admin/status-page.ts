import { factsOf, jobLines, nextRunLines, serviceLines } from '@emperor/dashboard/facts';
import { happeningText, processTree } from '@emperor/dashboard/format';

import { harmless } from '../vassal/harmless.ts';
import type { VassalPage } from './admin-api.ts';
import type { EventLine } from './recent-events.ts';

/** Of output, on the page of one vassal. */
const PAGE_LINES = 20;
/** What a page has of them at most. */
const PAGE_PROCESSES = 40;

/**
 * Everything about one vassal: how it is and why, its processes, what it runs with, what happened to it and what it wrote last.
 * @param events what happened to it, oldest first
 * @param now Unix time in milliseconds
 */
export function statusPage({ status, configuration }: VassalPage, events: readonly EventLine[], now: number): string {
  const { figures } = status;
  const blocks = [
    factsOf(status, now).map(([what, text]) => `  ${what.padEnd(13)}${text}`),
    titled('Processes', processTree((figures?.processes ?? []).slice(0, PAGE_PROCESSES))),
    titled('Next runs', nextRunLines(configuration?.nextRuns, now)),
    titled('Jobs', jobLines(configuration?.jobs)),
    titled('Services', serviceLines(figures?.services)),
    titled('Configuration', (configuration?.entries ?? []).map(configurationLine)),
    titled('Problems of its files as they are now', configuration?.problems ?? []),
    titled(
      'Events',
      events.map(({ time, message }) => `${clock(time, now)} ${happeningText(message, status.name)}`),
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

function configurationLine({ key, value, origin }: { key: string; value: string; origin: string }): string {
  return `${value === '' ? key : `${key} = ${value}`}   (${origin})`;
}

/** `10:02:11` where the operator is; with the day when it was another one. */
function clock(time: string, now: number): string {
  const date = new Date(time);
  const text = date.toTimeString().slice(0, 8);
  return date.toDateString() === new Date(now).toDateString() ? text : `${date.toDateString().slice(4, 10)} ${text}`;
}
