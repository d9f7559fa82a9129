import type { EmperorEventListener } from '../events.ts';
import type { ReloadCause } from '../vassal/vassal-event.ts';
import type { VassalFigures } from '../vassal/vassal-figures.ts';

interface Asked {
  readonly by: string;
  readonly atMs: number;
}

const CAUSES: Readonly<Record<ReloadCause, string>> = {
  touch: 'touch',
  edit: 'edit of its file',
  operator: 'operator',
  signal: 'signal to the emperor',
};

/**
 * Tells what came of each reload: how long it took, who asked for it, how many requests failed. Vassals of ours know that best and are
 * asked; of others it is said how long the emperor has waited.
 */
export class ReloadWatch {
  readonly #ask: (vassal: string) => Promise<VassalFigures | undefined>;
  readonly #tell: EmperorEventListener;
  readonly #asked = new Map<string, Asked>();

  /** @param ask for the figures of a vassal; undefined when it does not answer */
  constructor(ask: (vassal: string) => Promise<VassalFigures | undefined>, tell: EmperorEventListener) {
    this.#ask = ask;
    this.#tell = tell;
  }

  readonly note: EmperorEventListener = (event) => {
    switch (event.type) {
      case 'vassal-reloading':
        // Asked once more, for a change in mid-reload: it is still the same wish.
        if (event.by !== undefined || !this.#asked.has(event.vassal)) {
          const by = event.by === undefined ? 'emperor' : CAUSES[event.by];
          this.#asked.set(event.vassal, { by, atMs: performance.now() });
        }
        return;
      case 'vassal-ready':
      case 'vassal-reload-refused':
        return this.#ended(event.vassal, event.type === 'vassal-ready');
      case 'vassal-self-reloaded':
        this.#asked.set(event.vassal, { by: 'itself', atMs: performance.now() });
        return this.#ended(event.vassal, true);
      case 'vassal-launched':
      case 'vassal-exited':
      case 'vassal-removed':
        this.#asked.delete(event.vassal);
        return;
      default:
    }
  };

  #ended(vassal: string, isDone: boolean): void {
    const asked = this.#asked.get(vassal);
    if (asked === undefined) return;
    this.#asked.delete(vassal);
    void this.#report(vassal, isDone, asked);
  }

  async #report(vassal: string, isDone: boolean, { by, atMs }: Asked): Promise<void> {
    const waitedMs = performance.now() - atMs;
    const told = (await this.#ask(vassal))?.lastReload;
    const { tookMs, failed } = told ?? { tookMs: waitedMs };
    const refusal = told === undefined || told.reason === '' ? 'it says not why' : told.reason;
    const reason = isDone ? (by === 'itself' ? ownCause(told?.reason) : by) : refusal;
    this.#tell({
      type: 'vassal-reloaded',
      vassal,
      isDone,
      reason,
      tookMs: Math.round(tookMs),
      ...(failed === undefined ? {} : { failed }),
    });
  }
}

/** What a vassal says of a reload that nobody else asked for. Its log line about a touched file names that. */
function ownCause(reason: string | undefined): string {
  const touched = /^\*\*\* (.+) has been touched/.exec(reason ?? '')?.[1];
  return touched === undefined ? 'signal, or its own wish' : `touch of ${touched}`;
}
