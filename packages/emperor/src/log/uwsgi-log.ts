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

function linesOf(event: EmperorEvent): string[] {
  const sentence = sentenceOf(event);
  // These two are the only ones without a time in uWSGI's log.
  if (event.type === 'emperor-started' || event.type === 'emperor-stopping') return [sentence];
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
