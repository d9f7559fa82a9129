import { BusynessAlgorithm, type BusynessSettings } from './cheaper-busyness.ts';

/** uWSGI's `cheaper-algo`. */
export type CheaperAlgorithmName = 'spare' | 'spare2' | 'backlog' | 'busyness' | 'manual';

/** How the number of workers follows the load (uWSGI's `cheaper` family). */
export interface CheaperSettings {
  /** Workers kept when idle (`cheaper`). With `spare2`: idle workers kept. */
  readonly minimum: number;
  /** Workers at start. */
  readonly initial: number;
  /** Workers added at once. */
  readonly step: number;
  /** Checks (one a second) in a row that must agree before something is done. With `backlog`: requests that may wait. */
  readonly overload: number;
  /** Default `spare`. */
  readonly algorithm?: CheaperAlgorithmName;
  /** `spare2`: checks with too many idle workers before one goes. Default 10. */
  readonly idleChecks?: number;
  /** For `busyness`. */
  readonly busyness?: BusynessSettings;
  /** Bytes that all workers together may hold before no more are started (soft), and before some have to go (hard). 0 or absent: no limit. */
  readonly rssSoftBytes?: number;
  readonly rssHardBytes?: number;
}

/** What an algorithm sees once a second. */
export interface PoolLoad {
  /** Workers that run or are being started. */
  readonly active: number;
  /** Of these, workers all of whose threads are taken. */
  readonly busy: number;
  /** Most workers there may be. */
  readonly maximum: number;
  /** Requests that wait for a worker. */
  readonly queued: number;
  /** Per cent of the last second that the threads of the active workers have worked. */
  readonly busyness: number;
  /** Bytes that all workers together hold; 0 where nobody asked for limits. */
  readonly rssBytes: number;
}

/** Decides once a second how many workers to add (positive) or to let go (negative). */
export interface CheaperAlgorithm {
  decide(load: PoolLoad): number;
}

/**
 * `spare` (UWSGI-FACTS 9.5): when all workers have been busy for `overload` checks in a row, `step` more are started; when more
 * than one has been idle for as long, one goes. One idle worker is kept above the busy ones.
 */
class SpareAlgorithm implements CheaperAlgorithm {
  readonly #settings: CheaperSettings;
  #overloaded = 0;
  #idle = 0;

  constructor(settings: CheaperSettings) {
    this.#settings = settings;
  }

  decide({ active, busy, maximum }: PoolLoad): number {
    const { minimum, overload, step } = this.#settings;
    this.#overloaded = busy >= active ? this.#overloaded + 1 : 0;
    this.#idle = active - busy > 1 ? this.#idle + 1 : 0;
    if (this.#overloaded >= overload && active < maximum) {
      this.#overloaded = 0;
      return Math.min(step, maximum - active);
    }
    if (this.#idle >= overload && active > minimum) {
      this.#idle = 0;
      return -1;
    }
    return 0;
  }
}

/** `spare2`: keeps `cheaper` workers idle; adds at once what is missing, lets one go after `cheaper-idle` checks with too many. */
class Spare2Algorithm implements CheaperAlgorithm {
  readonly #settings: CheaperSettings;
  #tooMany = 0;

  constructor(settings: CheaperSettings) {
    this.#settings = settings;
  }

  decide({ active, busy, maximum }: PoolLoad): number {
    const { minimum, step, idleChecks = 10 } = this.#settings;
    const idle = active - busy;
    this.#tooMany = idle > minimum ? this.#tooMany + 1 : 0;
    if (idle < minimum) return Math.min(step, minimum - idle, maximum - active);
    if (this.#tooMany < idleChecks) return 0;
    this.#tooMany = 0;
    return -1;
  }
}

/** `backlog`: adds workers while more than `overload` requests wait, lets one go when none waits and more than one is idle. */
class BacklogAlgorithm implements CheaperAlgorithm {
  readonly #settings: CheaperSettings;

  constructor(settings: CheaperSettings) {
    this.#settings = settings;
  }

  decide({ active, busy, maximum, queued }: PoolLoad): number {
    const { minimum, overload, step } = this.#settings;
    if (queued > overload) return Math.min(step, maximum - active);
    return queued === 0 && active - busy > 1 && active > minimum ? -1 : 0;
  }
}

/** `manual`: only the commands `+` and `-` of the master fifo change the number. */
const MANUAL: CheaperAlgorithm = { decide: () => 0 };

type Log = (line: string) => void;

const ALGORITHMS: Readonly<Record<CheaperAlgorithmName, (settings: CheaperSettings, log: Log) => CheaperAlgorithm>> = {
  spare: (settings) => new SpareAlgorithm(settings),
  spare2: (settings) => new Spare2Algorithm(settings),
  backlog: (settings) => new BacklogAlgorithm(settings),
  busyness: (settings, log) => new BusynessAlgorithm(settings, log),
  manual: () => MANUAL,
};

/** Memory has the last word: nothing is started above the soft limit, and one goes for each check above the hard one. */
class WithinMemory implements CheaperAlgorithm {
  readonly #settings: CheaperSettings;
  readonly #algorithm: CheaperAlgorithm;

  constructor(settings: CheaperSettings, algorithm: CheaperAlgorithm) {
    this.#settings = settings;
    this.#algorithm = algorithm;
  }

  decide(load: PoolLoad): number {
    const { rssSoftBytes = 0, rssHardBytes = 0, minimum } = this.#settings;
    const decision = this.#algorithm.decide(load);
    if (rssHardBytes > 0 && load.rssBytes >= rssHardBytes) return load.active > minimum ? -1 : 0;
    return rssSoftBytes > 0 && load.rssBytes >= rssSoftBytes ? Math.min(0, decision) : decision;
  }
}

export function hasMemoryLimits({ rssSoftBytes = 0, rssHardBytes = 0 }: CheaperSettings): boolean {
  return rssSoftBytes + rssHardBytes > 0;
}

/** @param log for algorithms that explain themselves */
export function createCheaperAlgorithm(settings: CheaperSettings, log: Log): CheaperAlgorithm {
  const algorithm = ALGORITHMS[settings.algorithm ?? 'spare'](settings, log);
  return hasMemoryLimits(settings) ? new WithinMemory(settings, algorithm) : algorithm;
}
