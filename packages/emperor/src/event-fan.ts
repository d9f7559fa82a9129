import type { EmperorEvent, EmperorEventListener } from './events.ts';

/** Tells every listener of every event, in the order they came. */
export class EventFan {
  readonly #listeners: Set<EmperorEventListener>;

  constructor(...listeners: EmperorEventListener[]) {
    this.#listeners = new Set(listeners);
  }

  tell(event: EmperorEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Returns what ends it. */
  listen(listener: EmperorEventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
