import type { EventFan } from '../event-fan.ts';
import type { VassalReport } from '../events.ts';
import { describeExit } from '../vassal/vassal-exit.ts';
import type { VassalPhaseName } from '../vassal/vassal-phase.ts';
import type { Vassal } from '../vassal/vassal.ts';

/** What an operator can want of a vassal. */
export const VERBS = ['reload', 'restart', 'stop', 'start'] as const;
export type Verb = (typeof VERBS)[number];

/** What became of it. */
export interface Outcome {
  readonly isDone: boolean;
  /** What happened, for people. */
  readonly sentence: string;
  readonly state: VassalPhaseName;
  /** What it wrote meanwhile, when it did not work. */
  readonly lines: readonly string[];
}

/** Longer than a slow import; who asks wants an answer. */
const PATIENCE_MS = 60_000;

const NOTHING_WRITTEN: readonly string[] = [];

/** The answer that a report gives; undefined when it decides nothing. */
type Verdict = { readonly isDone: boolean; readonly sentence: string } | undefined;

/** Has a vassal do what an operator wants, and waits for what comes of it. */
export async function perform(
  verb: Verb,
  vassal: Vassal,
  events: EventFan,
  patienceMs: number = PATIENCE_MS,
): Promise<Outcome> {
  const needless = reasonNotTo(verb, vassal);
  if (needless !== undefined) return { ...outcome(vassal, needless), lines: NOTHING_WRITTEN };
  const verdict = verdictOf(verb, vassal, events, patienceMs);
  vassal.happen(verb === 'reload' ? { type: 'reload', by: 'operator' } : { type: verb });
  // A router of a real uWSGI never says that it has reloaded.
  if (verb === 'reload' && vassal.state.phase.name === 'spawned') return outcome(vassal, done('was told to reload'));
  return outcome(vassal, await verdict);
}

function reasonNotTo(verb: Verb, { state }: Vassal): Verdict {
  const { name } = state.phase;
  const isUp = name === 'spawned' || name === 'ready' || name === 'loyal';
  if (verb === 'start' && isUp) return done('runs already');
  if (verb === 'stop' && name === 'stopped') return done('is stopped already');
  if (verb === 'reload' && name === 'stopped') return failed('is stopped; start it');
  if (verb === 'reload' && name === 'waiting') return done('waits for a connection, and will read its file then');
  return undefined;
}

function verdictOf(verb: Verb, vassal: Vassal, events: EventFan, patienceMs: number): Promise<NonNullable<Verdict>> {
  const began = performance.now();
  const judge = judgeOf(verb, vassal);
  return new Promise((resolve) => {
    const finish = (verdict: NonNullable<Verdict>): void => {
      clearTimeout(patience);
      forget();
      resolve(verdict);
    };
    const seconds = Math.round(patienceMs / 1000);
    const patience = setTimeout(() => finish(failed(`has not come to an end of it within ${seconds} s`)), patienceMs);
    const forget = events.listen((event) => {
      if (!('vassal' in event) || event.vassal !== vassal.name) return;
      const verdict = judge(event, Math.round(performance.now() - began));
      if (verdict !== undefined) finish(verdict);
    });
  });
}

type Judge = (report: VassalReport, afterMs: number) => Verdict;

function judgeOf(verb: Verb, { state }: Vassal): Judge {
  if (verb === 'stop') return judgeStop;
  return verb === 'reload' && 'pid' in state.phase ? judgeReload() : judgeStart;
}

/** One that reloads tells more than that it accepts requests; one that dies of it and is started anew does not. */
function judgeReload(): Judge {
  let isStartedAnew = false;
  return (report, afterMs) => {
    if (report.type === 'vassal-launched') isStartedAnew = true;
    if (report.type === 'vassal-ready' && !isStartedAnew) return undefined;
    if (report.type !== 'vassal-reloaded' || !report.isDone) return judgeStart(report, afterMs);
    const failed = report.failed === undefined ? '' : `, ${report.failed} requests failed`;
    return done(`has reloaded in ${report.tookMs} ms${failed}`);
  };
}

function judgeStop(report: VassalReport, afterMs: number): Verdict {
  if (report.type === 'vassal-stopped') return done(`stopped after ${afterMs} ms`);
  return report.type === 'vassal-removed' ? done('stopped, and its file is gone') : undefined;
}

function judgeStart(report: VassalReport, afterMs: number): Verdict {
  switch (report.type) {
    case 'vassal-ready':
    case 'vassal-loyal':
      return done(`accepts requests after ${afterMs} ms`);
    case 'vassal-waiting':
      return done('waits for a connection');
    case 'vassal-reload-refused':
      return failed('refused its new configuration and goes on with the old one');
    case 'vassal-reload-unanswered':
      return failed('never told the outcome of its reload');
    case 'vassal-exited':
      if (report.next === 'queued' || report.next === 'waiting') return undefined;
      return failed(`did not come up: ${describeExit(report.exit)}`);
    case 'vassal-stopped':
    case 'vassal-removed':
      return failed('was stopped meanwhile');
    default:
      return undefined;
  }
}

function done(sentence: string): NonNullable<Verdict> {
  return { isDone: true, sentence };
}

function failed(sentence: string): NonNullable<Verdict> {
  return { isDone: false, sentence };
}

function outcome({ name, state, linesOfLastTry }: Vassal, { isDone, sentence }: NonNullable<Verdict>): Outcome {
  return { isDone, sentence: `${name} ${sentence}`, state: state.phase.name, lines: isDone ? [] : linesOfLastTry };
}
