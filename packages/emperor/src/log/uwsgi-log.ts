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
  'vassal-hook-started',
  'vassal-hook-ended',
]);

function linesOf(event: EmperorEvent): string[] {
  const sentence = sentenceOf(event);
  if (UNDATED.has(event.type)) return [sentence];
  const stamp = `${cTime(new Date())} - `;
  if (event.type !== 'vassal-exited') return [stamp + sentence];
  const consequence = consequenceOf(event);
  // uWSGI forgets a dead vassal before it finds its file again, and says so.
  if (consequence === undefined) return [stamp + sentence];
  return [
    stamp + sentence,
    `${stamp}[emperor] removed uwsgi instance ${event.vassal}`,
    `${stamp}[emperor] ${consequence}`,
  ];
}
