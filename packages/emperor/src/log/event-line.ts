import type { EmperorEvent } from '../events.ts';
import { describeExit } from '../vassal/vassal-exit.ts';
import { consequenceOf, sentenceOf } from './sentence.ts';

export type EventLevel = 'info' | 'warn' | 'error';

/** What an event is about, with its name. */
export function fieldsOf(event: EmperorEvent): object {
  const { type, ...fields } = event;
  if (event.type === 'vassal-output') return { event: type, vassal: event.vassal, stream: event.stream };
  if (event.type === 'vassal-failing') return { event: type, ...fields, exit: describeExit(event.exit) };
  if (event.type === 'vassal-exited') return { event: type, ...fields, exit: describeExit(event.exit) };
  return { event: type, ...fields };
}

/** The event for people: uWSGI's sentence, and what uWSGI does not say. */
export function messageOf(event: EmperorEvent): string {
  const consequence = event.type === 'vassal-exited' ? consequenceOf(event) : undefined;
  if (event.type === 'vassal-refused') return `${sentenceOf(event)}: ${event.reason}`;
  return consequence === undefined ? sentenceOf(event) : `${sentenceOf(event)}: ${consequence}`;
}

/** Whether somebody should look. */
export function levelOf(event: EmperorEvent): EventLevel {
  switch (event.type) {
    case 'vassal-exited':
      return event.next === 'cursed' || event.next === 'invalid' ? 'error' : 'info';
    case 'vassal-failing':
    case 'vassal-killed':
    case 'vassal-unrecorded':
    case 'vassal-unlimited':
    case 'vassal-out-of-memory':
    case 'vassal-silent':
    case 'vassal-reload-refused':
      return 'error';
    case 'monitor-problem':
    case 'attribute-problem':
    case 'vassal-refused':
    case 'vassal-owner-changed':
    case 'vassal-output-dropped':
    case 'vassal-reload-unanswered':
    case 'vassal-babbling':
    case 'vassal-overloaded':
    case 'vassal-cycle':
      return 'warn';
    default:
      return 'info';
  }
}
