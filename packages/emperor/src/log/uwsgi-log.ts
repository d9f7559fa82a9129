import type { EmperorEvent } from '../events.ts';
import { cTime } from './c-time.ts';
import type { EventLog, LogDestination } from './event-log.ts';
import { consequenceOf, sentenceOf } from './sentence.ts';

/** Plain lines as uWSGI's emperor prints them, for `vassal --emperor`. */
export class UwsgiLog implements EventLog {
  readonly #destination: LogDestination;

  constructor(destination: LogDestination) {
    this.#destination = destination;
  }

  write(event: EmperorEvent): void {
    for (const line of linesOf(event)) this.#destination.write(`${line}\n`);
  }
}

/** Those without a time in uWSGI's log. */
const UNDATED: ReadonlySet<EmperorEvent['type']> = new Set([
  'emperor-started',
  'emperor-stopping',
  'stats-listening',
  'vassal-statistics',
  'vassal-waiting',
  'vassal-refused',
  'vassal-privileges-dropped',
  'vassal-owner-changed',
  'emperor-hook-started',
  'emperor-hook-said',
  'vassal-hook-started',
  'vassal-hook-ended',
  'vassal-output',
]);

function linesOf(event: EmperorEvent): string[] {
  const sentence = sentenceOf(event);
  if (UNDATED.has(event.type)) return [sentence];
  const stamp = `${cTime(new Date())} - `;
  if (event.type !== 'vassal-exited') return [stamp + sentence];
  return exitLines(event).map((line) => stamp + line);
}

type ExitEvent = Extract<EmperorEvent, { readonly type: 'vassal-exited' }>;

/** The third death in a row is uWSGI's attempt 2 (UWSGI-FACTS 13.6). */
const UNLOYAL_AT = 3;

/** uWSGI forgets a dead vassal before it finds its file again, and says so; one on demand it keeps. */
function exitLines(event: ExitEvent): string[] {
  const { vassal, next, failures } = event;
  const sentence = sentenceOf(event);
  if (next === 'waiting') return [`[emperor] bringing back instance ${vassal} to on-demand mode`, sentence];
  const consequence = consequenceOf(event);
  if (consequence === undefined) return [sentence];
  return [
    sentence,
    `[emperor] removed uwsgi instance ${vassal}`,
    ...(failures === UNLOYAL_AT ? [`[emperor] unloyal bad behaving vassal found: ${vassal} throttling it...`] : []),
    `[emperor] ${consequence}`,
  ];
}
