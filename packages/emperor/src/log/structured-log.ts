import pino, { type Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';

import type { EmperorEvent } from '../events.ts';
import { fieldsOf, levelOf, messageOf } from './event-line.ts';
import type { EventLog, LogDestination } from './event-log.ts';

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
