import type { Figures, Jobs, NextRun, Vassal } from './api.ts';
import { ago, bytesText, latencyText, rateText, reloadText, until } from './format.ts';

/** Something to know about a vassal. */
export type Fact = readonly [what: string, text: string];

/** A fact that there may be none of. */
type Perhaps = readonly [what: string, text: string | undefined];

/** What is known of a vassal beside its lists: the same in the terminal and in the browser. @param now Unix time in milliseconds */
export function factsOf(vassal: Vassal, now: number): Fact[] {
  const all = [...lifeOf(vassal, now), ...(vassal.figures === undefined ? [] : figuresOf(vassal, vassal.figures, now))];
  return all.filter((fact): fact is Fact => fact[1] !== undefined && fact[1] !== '');
}

function lifeOf(vassal: Vassal, now: number): Perhaps[] {
  const { pid, upSince, configProblems, nextTry } = vassal;
  return [
    ['state', `${vassal.state}, for ${ago(vassal.since, now)}`],
    ['reason', vassal.reason],
    ['error', vassal.lastError],
    ['next try', nextTry && `in ${until(nextTry, now)}`],
    ['answering', pid === undefined || vassal.answering ? undefined : unanswered(vassal)],
    ['file', vassal.path],
    ['problems', configProblems ? `${configProblems} in its configuration, when it was read last` : undefined],
    [
      'process',
      pid === undefined ? undefined : `${pid}${upSince === undefined ? '' : `, up for ${ago(upSince, now)}`}`,
    ],
    ['starts', String(vassal.launches)],
    ['last exit', vassal.lastExit],
  ];
}

function unanswered({ tells, figures }: Vassal): string {
  if (!tells) return 'it cannot be asked: no vassal of ours, or not that far yet';
  return figures === undefined ? 'no: it has not told anything yet' : 'no: the figures are its last ones';
}

function figuresOf({ memoryLimitBytes }: Vassal, all: Figures, now: number): Perhaps[] {
  const { recent, workers, memory, lastReload, queueDepth } = all;
  return [
    ['addresses', all.addresses.join(' ')],
    [
      'workers',
      workers.maximum === 0 && workers.total === 0
        ? 'none: it answers or passes on everything itself'
        : `${workers.busy} busy, ${workers.idle} idle, ${workers.maximum ?? workers.total} at most`,
    ],
    ['queue', `${queueDepth} ${queueDepth === 1 ? 'request waits' : 'requests wait'} for a worker`],
    ['requests', `${all.requests}, ${all.responses['5xx'] ?? 0} of them answered with 5xx`],
    [
      'lately',
      recent &&
        `${rateText(recent.requestsPerSecond)} requests/s, p50 ${latencyText(recent.p50Ms)}, p95 ${latencyText(recent.p95Ms)}, p99 ${latencyText(recent.p99Ms)}, ${recent.errors} 5xx`,
    ],
    ['connections', `${all.openConnections} open`],
    ['memory', memory && `${bytesText(memory.privateBytes)} of its own${limitText(memoryLimitBytes)}`],
    ['limits', limitsText(memory?.limits)],
    ['cpu', all.cpuSeconds === undefined ? undefined : `${all.cpuSeconds.toFixed(1)} s`],
    ['last reload', lastReload && reloadText(lastReload, now) + refusal(lastReload)],
    ['log', all.logLinesDropped ? `${all.logLinesDropped} lines dropped` : undefined],
  ];
}

function refusal({ outcome, reason }: NonNullable<Figures['lastReload']>): string {
  return outcome === 'done' || reason === '' ? '' : `: ${reason}`;
}

/** Of all processes together. */
function limitText(bytes: number | undefined): string {
  return bytes === undefined ? '' : `, of ${bytesText(bytes)} that it may have`;
}

/** Of single processes: `reload-on-rss 200M`. */
function limitsText(limits: Readonly<Record<string, number>> = {}): string {
  const each = Object.entries(limits).map(([option, bytes]) => `${option} ${bytesText(bytes)}`);
  return each.length === 0 ? '' : `${each.join(', ')} for each process`;
}

/** What the clock will start, and when. @param now Unix time in milliseconds */
export function nextRunLines(runs: readonly NextRun[] = [], now: number): string[] {
  return runs.map(({ at, what }) => `${whenText(at, now)}  ${what}`);
}

/** `03:00, in 2h`; of another day with its date. */
function whenText(at: number, now: number): string {
  const date = new Date(at);
  const time = date.toTimeString().slice(0, 5);
  const isToday = date.toDateString() === new Date(now).toDateString();
  const day = isToday ? '' : `${date.toDateString().slice(4, 10)} `;
  return `${day}${time}, in ${until(date.toISOString(), now)}`;
}

export function jobLines(jobs: readonly Jobs[] = []): string[] {
  return jobs.map(
    ({ place, waiting, running, dead }) =>
      `${place}  ${waiting} waiting, ${running} running${dead === 0 ? '' : `, ${dead} given up: vassal jobs ${place}`}`,
  );
}

/** What the services tell of themselves, an entry a line; the next runs of crons stand elsewhere. */
export function serviceLines(services: Readonly<Record<string, unknown>> = {}): string[] {
  const others = Object.entries(services).filter(([name]) => name !== 'crons');
  return others.flatMap(([name, told]) => {
    const entries = Array.isArray(told) ? (told as unknown[]) : [told];
    return entries.map((entry) => `${name}  ${entryText(entry)}`);
  });
}

/** `items 3, hits 17`: zeroes and lists would only hide the rest. */
function entryText(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return JSON.stringify(entry);
  const telling = Object.entries(entry).filter(([, value]) => value !== 0 && value !== '' && typeof value !== 'object');
  return telling.map(([key, value]) => `${key} ${String(value)}`).join(', ');
}
