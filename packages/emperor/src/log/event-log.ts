import type { EmperorEvent } from '../events.ts';

/** Where events are written down. */
export interface EventLog {
  write(event: EmperorEvent): void;
}

/** What logs write to. */
export interface LogDestination {
  write(text: string): void;
}
