import { monitorEventLoopDelay } from 'node:perf_hooks';

import type { EmperorEvent, EmperorEventListener } from '../events.ts';
import type { VassalExit } from '../vassal/vassal-exit.ts';

/** Why a process of a vassal ended, as a word of a closed set. */
export type ExitReason =
  | 'success'
  | 'failure'
  | 'signal'
  | 'out_of_memory'
  | 'unseen'
  | 'not_started'
  | 'silent'
  | 'too_slow_to_stop';

/** What the emperor has counted of one vassal. */
export interface VassalCounts {
  readonly exits: Readonly<Partial<Record<ExitReason, number>>>;
  /** What its last start or reload took. */
  readonly readyMs: number | undefined;
  /** Lines of it that were dropped because they came too fast. */
  readonly linesDropped: number;
}

interface Counts {
  exits: Partial<Record<ExitReason, number>>;
  readyMs: number | undefined;
  linesDropped: number;
  /** When it was started, or told to reload, last. */
  beganAt: number | undefined;
  /** The emperor has killed it, and why. */
  killedFor: 'silent' | 'too_slow_to_stop' | undefined;
}

const NOTHING: VassalCounts = { exits: {}, readyMs: undefined, linesDropped: 0 };

/** How often the delay of the event loop is measured: rarely, so that an idle emperor stays idle. */
const LAG_RESOLUTION_MS = 1000;

/** What the emperor itself counts, from its own events. */
export class EmperorFigures {
  readonly #now: () => number;
  readonly #counts = new Map<string, Counts>();
  #lagSeconds = 0;
  #loopDelay: ReturnType<typeof monitorEventLoopDelay> | undefined;

  /** @param now milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Begins to measure the event loop. */
  watchLoop(): void {
    this.#loopDelay = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
    this.#loopDelay.enable();
  }

  close(): void {
    this.#loopDelay?.disable();
  }

  of(vassal: string): VassalCounts {
    return this.#counts.get(vassal) ?? NOTHING;
  }

  /** Longest delay since the last call, in seconds; undefined when it is not measured. */
  takeLoopLagSeconds(): number | undefined {
    if (this.#loopDelay === undefined) return undefined;
    // Asked more often than it is measured: what was measured last still holds.
    if (this.#loopDelay.count === 0) return this.#lagSeconds;
    this.#lagSeconds = Math.max(0, this.#loopDelay.max - LAG_RESOLUTION_MS * 1e6) / 1e9;
    this.#loopDelay.reset();
    return this.#lagSeconds;
  }

  readonly note: EmperorEventListener = (event: EmperorEvent) => {
    if (!('vassal' in event)) return;
    switch (event.type) {
      case 'vassal-silent':
        this.#of(event.vassal).killedFor = 'silent';
        return;
      case 'vassal-killed':
        this.#of(event.vassal).killedFor = 'too_slow_to_stop';
        return;
      case 'vassal-exited':
        this.#exited(this.#of(event.vassal), event.exit);
        return;
      case 'vassal-launched':
      case 'vassal-reloading':
        this.#of(event.vassal).beganAt = this.#now();
        return;
      case 'vassal-ready':
        this.#ready(this.#of(event.vassal));
        return;
      case 'vassal-output-dropped':
        this.#of(event.vassal).linesDropped += event.lines;
        return;
      case 'vassal-removed':
        this.#counts.delete(event.vassal);
        return;
      default:
    }
  };

  #of(vassal: string): Counts {
    let counts = this.#counts.get(vassal);
    if (counts === undefined) {
      counts = { exits: {}, readyMs: undefined, linesDropped: 0, beganAt: undefined, killedFor: undefined };
      this.#counts.set(vassal, counts);
    }
    return counts;
  }

  #ready(counts: Counts): void {
    if (counts.beganAt !== undefined) counts.readyMs = this.#now() - counts.beganAt;
    counts.beganAt = undefined;
  }

  #exited(counts: Counts, exit: VassalExit): void {
    const reason = counts.killedFor ?? reasonOf(exit);
    counts.killedFor = undefined;
    counts.exits[reason] = (counts.exits[reason] ?? 0) + 1;
  }
}

function reasonOf(exit: VassalExit): ExitReason {
  switch (exit.kind) {
    case 'code':
      return exit.code === 0 ? 'success' : 'failure';
    case 'signal':
      return 'signal';
    case 'out-of-memory':
      return 'out_of_memory';
    case 'unseen':
      return 'unseen';
    case 'launch-failed':
      return 'not_started';
    default:
      return exit satisfies never;
  }
}
