import { isDeepStrictEqual } from 'node:util';

import type { VassalExit } from '../vassal/vassal-exit.ts';
import type { ControlGroup } from './control-group.ts';
import type { ControlGroups } from './control-groups.ts';
import { isLimited, type ResourceLimits } from './resource-limits.ts';

export interface LimitsListener {
  /** The limits cannot be set: it runs without. */
  onProblem(problem: string): void;
  /** The kernel has killed processes for want of memory, so many since the start. */
  onKills(kills: number): void;
}

/** How often it is looked whether the kernel has killed something: a worker that vanishes so is replaced, and nobody asks why. */
const LOOK_EVERY_MS = 1000;

/** What one vassal may use, while it runs. */
export class VassalLimits {
  readonly #groups: ControlGroups;
  readonly #listener: LimitsListener;
  #limits: ResourceLimits;
  #group: ControlGroup | undefined;
  #kills = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(groups: ControlGroups, limits: ResourceLimits, listener: LimitsListener) {
    this.#groups = groups;
    this.#limits = limits;
    this.#listener = listener;
  }

  /** Processes of the present one that the kernel killed for want of memory. */
  get kills(): number {
    return this.#kills;
  }

  /** What the kernel holds the present process to. */
  get memoryBytes(): number | undefined {
    return this.#group === undefined ? undefined : this.#limits.memoryBytes;
  }

  are(limits: ResourceLimits): boolean {
    return isDeepStrictEqual(limits, this.#limits);
  }

  /** From the next start on. */
  replace(limits: ResourceLimits): void {
    this.#limits = limits;
  }

  /** A group for a process that is to be launched. Undefined when it is not limited, or cannot be. */
  begin(id: string): ControlGroup | undefined {
    this.#kills = 0;
    if (!isLimited(this.#limits)) return undefined;
    try {
      this.#follow(this.#groups.make(id, this.#limits));
    } catch (error) {
      this.#listener.onProblem((error as Error).message);
    }
    return this.#group;
  }

  /** A former emperor launched the process. */
  adopt(id: string): void {
    if (!isLimited(this.#limits)) return;
    const group = this.#groups.of(id);
    this.#kills = group.outOfMemoryKills;
    this.#follow(group);
  }

  /** The process has ended: why, as far as the limits tell. */
  end(exit: VassalExit): VassalExit {
    if (this.#group === undefined) return exit;
    clearInterval(this.#timer);
    const kills = this.#group.outOfMemoryKills;
    this.#group.remove();
    this.#group = undefined;
    const isKilled = exit.kind === 'signal' ? exit.signal === 'SIGKILL' : exit.kind === 'unseen';
    return kills > 0 && isKilled ? { kind: 'out-of-memory', limitBytes: this.#limits.memoryBytes } : exit;
  }

  /** Nothing more is looked at; the process goes on. */
  leave(): void {
    clearInterval(this.#timer);
  }

  #follow(group: ControlGroup): void {
    this.#group = group;
    if (this.#limits.memoryBytes === undefined) return;
    this.#timer = setInterval(() => this.#look(group), LOOK_EVERY_MS).unref();
  }

  #look(group: ControlGroup): void {
    const kills = group.outOfMemoryKills;
    if (kills <= this.#kills) return;
    this.#kills = kills;
    this.#listener.onKills(kills);
  }
}
