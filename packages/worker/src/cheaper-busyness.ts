import type { CheaperAlgorithm, CheaperSettings, PoolLoad } from './cheaper.ts';

/** Options of `cheaper-algo = busyness`. */
export interface BusynessSettings {
  /** Per cent above which workers are added (`cheaper-busyness-max`), and below which one may go (`-min`). */
  readonly maximum: number;
  readonly minimum: number;
  /** Quiet cycles before one goes (`-multiplier`). */
  readonly multiplier: number;
  /** Quiet cycles more that are asked for after one went too early (`-penalty`). */
  readonly penalty: number;
  /** Requests that wait and make `backlogStep` emergency workers start at once (`-backlog-alert`, `-backlog-step`). */
  readonly backlogAlert: number;
  readonly backlogStep: number;
  /** Quiet cycles before an emergency worker goes (`-backlog-multiplier`). */
  readonly backlogMultiplier: number;
  /** Checks in a row with waiting requests that make one emergency worker start (`-backlog-nonzero`). */
  readonly backlogNonzero: number;
  /** Each cycle is logged (`-verbose`). */
  readonly verbose: boolean;
}

const DEFAULTS: BusynessSettings = {
  maximum: 50,
  minimum: 25,
  multiplier: 10,
  penalty: 2,
  backlogAlert: 33,
  backlogStep: 1,
  backlogMultiplier: 3,
  backlogNonzero: 60,
  verbose: false,
};

/**
 * `busyness`: looks at the mean load of cycles of `overload` seconds. It adds workers above the maximum, lets one go after many quiet cycles,
 * and asks for more of them when that was too early. Requests that wait start emergency workers without waiting for the end of a cycle.
 */
export class BusynessAlgorithm implements CheaperAlgorithm {
  readonly #settings: CheaperSettings;
  readonly #busyness: BusynessSettings;
  readonly #log: (line: string) => void;
  #sum = 0;
  #checks = 0;
  #quietCycles = 0;
  #penalty = 0;
  /** Cycles since one went; Infinity before the first. */
  #cyclesSinceGone = Infinity;
  #emergencies = 0;
  #checksWithBacklog = 0;

  constructor(settings: CheaperSettings, log: (line: string) => void) {
    this.#settings = settings;
    this.#busyness = settings.busyness ?? DEFAULTS;
    this.#log = log;
  }

  decide(load: PoolLoad): number {
    this.#sum += load.busyness;
    this.#checks++;
    const emergency = this.#meetBacklog(load);
    if (emergency > 0) return emergency;
    return this.#checks < this.#settings.overload ? 0 : this.#endCycle(load);
  }

  #meetBacklog({ queued, active, maximum }: PoolLoad): number {
    const { backlogAlert, backlogStep, backlogNonzero } = this.#busyness;
    this.#checksWithBacklog = queued > 0 ? this.#checksWithBacklog + 1 : 0;
    const isLong = backlogAlert > 0 && queued >= backlogAlert;
    const isOld = backlogNonzero > 0 && this.#checksWithBacklog >= backlogNonzero;
    const more = Math.min(isLong ? backlogStep : isOld ? 1 : 0, maximum - active);
    if (more <= 0) return 0;
    this.#checksWithBacklog = 0;
    this.#emergencies += more;
    this.#say(`${queued} requests wait, ${more} emergency worker(s) started`);
    return more;
  }

  #endCycle({ active, maximum }: PoolLoad): number {
    const { minimum: least, step } = this.#settings;
    const mean = this.#sum / this.#checks;
    this.#sum = this.#checks = 0;
    this.#cyclesSinceGone++;
    this.#quietCycles = mean < this.#busyness.minimum ? this.#quietCycles + 1 : 0;
    this.#say(`${Math.round(mean)}% average busyness of ${active} worker(s), ${this.#quietCycles} quiet cycle(s)`);
    if (mean > this.#busyness.maximum) return this.#grow(Math.min(step, maximum - active));
    if (this.#quietCycles < this.#cyclesNeeded() || active <= least) return 0;
    this.#quietCycles = 0;
    this.#cyclesSinceGone = 0;
    this.#emergencies = Math.max(0, this.#emergencies - 1);
    return -1;
  }

  #grow(more: number): number {
    const { multiplier, penalty } = this.#busyness;
    if (more > 0 && this.#cyclesSinceGone <= multiplier) this.#penalty += penalty;
    else if (this.#cyclesSinceGone > multiplier) this.#penalty = 0;
    return Math.max(0, more);
  }

  #cyclesNeeded(): number {
    const { multiplier, backlogMultiplier } = this.#busyness;
    return this.#emergencies > 0 ? backlogMultiplier : multiplier + this.#penalty;
  }

  #say(text: string): void {
    if (this.#busyness.verbose) this.#log(`[busyness] ${text}`);
  }
}
