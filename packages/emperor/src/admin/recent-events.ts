import type { EmperorEvent, EmperorEventListener } from '../events.ts';
import { type EventLevel, levelOf, messageOf } from '../log/event-line.ts';

/** An event as the operator's views show it. */
export interface EventLine {
  /** ISO 8601. */
  readonly time: string;
  /** Name of the event; `vassal-output` is a line that a vassal wrote. */
  readonly event: EmperorEvent['type'];
  readonly vassal?: string;
  readonly level: EventLevel;
  /** For people. */
  readonly message: string;
}

export type EventLineListener = (line: EventLine) => void;

/** Kept of each vassal: its output, and what happened to it. */
const LINES_PER_VASSAL = 200;
const EVENTS_PER_VASSAL = 50;
/** Kept of all together, without output. */
const EVENTS = 1000;

class Tail {
  readonly #limit: number;
  readonly #lines: EventLine[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(line: EventLine): void {
    const last = this.#lines.at(-1);
    // One that writes too fast for hours shall not push everything else out.
    const isMoreOfIt = line.event === 'vassal-output-dropped' && last?.event === line.event;
    if (isMoreOfIt && last.vassal === line.vassal) this.#lines.pop();
    this.#lines.push(line);
    if (this.#lines.length > this.#limit) this.#lines.shift();
  }

  last(count: number): EventLine[] {
    return count > 0 ? this.#lines.slice(-count) : [];
  }
}

interface VassalTails {
  readonly output: Tail;
  readonly events: Tail;
}

/** What happened lately, bounded, for those who come to look; and what happens, for those who stay. */
export class RecentEvents {
  readonly #now: () => number;
  readonly #all = new Tail(EVENTS);
  readonly #byVassal = new Map<string, VassalTails>();
  readonly #listeners = new Set<EventLineListener>();

  /** @param now Unix time in milliseconds */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  readonly note: EmperorEventListener = (event) => {
    const line = toLine(event, this.#now());
    const isOutput = event.type === 'vassal-output';
    if (!isOutput) this.#all.push(line);
    if ('vassal' in event) {
      const tails = this.#tailsOf(event.vassal);
      (isOutput ? tails.output : tails.events).push(line);
      if (event.type === 'vassal-removed') this.#byVassal.delete(event.vassal);
    }
    for (const listener of this.#listeners) listener(line);
  };

  /** What happened, oldest first; to one vassal or to all. */
  events(vassal: string | undefined, count: number): EventLine[] {
    return vassal === undefined ? this.#all.last(count) : (this.#byVassal.get(vassal)?.events.last(count) ?? []);
  }

  /** What vassals wrote, oldest first. */
  output(vassal: string | undefined, count: number): EventLine[] {
    if (vassal !== undefined) return this.#byVassal.get(vassal)?.output.last(count) ?? [];
    const lines = [...this.#byVassal.values()].flatMap(({ output }) => output.last(count));
    return lines.toSorted((one, other) => (one.time < other.time ? -1 : Number(one.time > other.time))).slice(-count);
  }

  /** @returns what ends it */
  listen(listener: EventLineListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tailsOf(vassal: string): VassalTails {
    let tails = this.#byVassal.get(vassal);
    if (tails === undefined) {
      tails = { output: new Tail(LINES_PER_VASSAL), events: new Tail(EVENTS_PER_VASSAL) };
      this.#byVassal.set(vassal, tails);
    }
    return tails;
  }
}

function toLine(event: EmperorEvent, now: number): EventLine {
  return {
    time: new Date(now).toISOString(),
    event: event.type,
    ...('vassal' in event ? { vassal: event.vassal } : {}),
    level: levelOf(event),
    message: messageOf(event),
  };
}
