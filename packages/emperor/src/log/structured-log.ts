import pino, { type Level, type Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';

import type { EmperorEvent } from '../events.ts';
import { describeExit } from '../vassal/vassal-exit.ts';
import type { EventLog, LogDestination } from './event-log.ts';
import { consequenceOf, sentenceOf } from './sentence.ts';

/**
 * One pino line per event: the sentence as `msg`, the name of the event as `event`, what it is about beside it. For people at
 * a terminal the same as readable lines.
 */
export class StructuredLog implements EventLog {
  readonly #logger: Logger;

  constructor(destination: LogDestination, forPeople: boolean) {
    const stream = forPeople ? readable(destination) : destination;
    this.#logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
  }

  write(event: EmperorEvent): void {
    this.#logger[levelOf(event)](fieldsOf(event), messageOf(event));
  }
}

function readable(destination: LogDestination): LogDestination {
  const prettify = prettyFactory({
    colorize: true,
    translateTime: 'SYS:HH:MM:ss.l',
    // The sentence says it all.
    include: 'time,level',
    messageFormat: (log, key) =>
      log['event'] === 'vassal-output' ? `${String(log['vassal'])} | ${String(log[key])}` : String(log[key]),
  });
  return { write: (line) => destination.write(prettify(line)) };
}

function fieldsOf(event: EmperorEvent): object {
  const { type, ...fields } = event;
  if (event.type === 'vassal-output') return { event: type, vassal: event.vassal, stream: event.stream };
  if (event.type === 'vassal-failing') return { event: type, ...fields, exit: describeExit(event.exit) };
  if (event.type === 'vassal-exited') return { event: type, ...fields, exit: describeExit(event.exit) };
  return { event: type, ...fields };
}

function messageOf(event: EmperorEvent): string {
  const consequence = event.type === 'vassal-exited' ? consequenceOf(event) : undefined;
  if (event.type === 'vassal-refused') return `${sentenceOf(event)}: ${event.reason}`;
  return consequence === undefined ? sentenceOf(event) : `${sentenceOf(event)}: ${consequence}`;
}

function levelOf(event: EmperorEvent): Level {
  switch (event.type) {
    case 'vassal-exited':
      return event.next === 'cursed' || event.next === 'invalid' ? 'error' : 'info';
    case 'vassal-failing':
    case 'vassal-killed':
    case 'vassal-unrecorded':
    case 'vassal-silent':
    case 'vassal-reload-refused':
      return 'error';
    case 'monitor-problem':
    case 'on-demand-problem':
    case 'vassal-refused':
    case 'vassal-owner-changed':
    case 'vassal-output-dropped':
    case 'vassal-reload-unanswered':
    case 'vassal-babbling':
      return 'warn';
    default:
      return 'info';
  }
}
