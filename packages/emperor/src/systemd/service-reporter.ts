import type { Emperor } from '../emperor.ts';
import type { EmperorEvent } from '../events.ts';
import type { VassalPhaseName } from '../vassal/vassal-phase.ts';
import type { Notifier } from './notifier.ts';

/** Many vassals that change at once are one change. */
const SETTLE_MS = 100;

/** On the way from a reload to its outcome. */
const RELOADING: ReadonlySet<VassalPhaseName> = new Set(['reloading', 'queued', 'starting']);

/** Has the service manager know what an emperor does, from the events it tells. */
export class ServiceReporter {
  readonly #notifier: Notifier;
  readonly #emperor: Emperor;
  #timer: NodeJS.Timeout | undefined;
  #isReloading = false;

  constructor(notifier: Notifier, emperor: Emperor) {
    this.#notifier = notifier;
    this.#emperor = emperor;
  }

  /** The first scan has been made. */
  started(): void {
    this.#notifier.ready();
    this.#tellStatus();
  }

  note(event: EmperorEvent): void {
    switch (event.type) {
      case 'vassals-reloading':
        this.#isReloading = true;
        this.#notifier.reloading();
        break;
      case 'emperor-stopping':
      case 'emperor-leaving':
        this.#notifier.stopping();
        return;
      case 'vassal-output':
        return;
      default:
    }
    this.#timer ??= setTimeout(() => this.#settled(), SETTLE_MS).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #settled(): void {
    this.#timer = undefined;
    this.#tellStatus();
    if (!this.#isReloading || this.#count((name) => RELOADING.has(name)) > 0) return;
    this.#isReloading = false;
    this.#notifier.ready();
  }

  #tellStatus(): void {
    const { size } = this.#emperor.vassals;
    const up = [...this.#emperor.vassals.values()].filter(({ isUp }) => isUp).length;
    this.#notifier.status(`${up} of ${size} vassals are up`);
  }

  #count(fits: (name: VassalPhaseName) => boolean): number {
    return [...this.#emperor.vassals.values()].filter(({ state }) => fits(state.phase.name)).length;
  }
}
