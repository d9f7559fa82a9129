import type { VassalReport } from '../events.ts';

/** When things happened to a vassal. Unix time in milliseconds; 0: never. */
export interface VassalMoments {
  /** Of its present process. */
  readonly launched: number;
  /** Started or reloaded. */
  readonly lastRun: number;
  readonly lastReady: number;
  readonly lastAccepting: number;
  readonly lastLoyal: number;
  readonly lastHeartbeat: number;
  /** Asked to stop. */
  readonly cursed: number;
  /** Reloads of the present process. */
  readonly reloads: number;
  /** Of the failures in a row that are not forgiven yet. */
  readonly firstFailure: number;
  readonly lastFailure: number;
  /** The wait after the last of them, in milliseconds. */
  readonly lastWaitMs: number;
}

const NO_LIFE = {
  launched: 0,
  lastRun: 0,
  lastReady: 0,
  lastAccepting: 0,
  lastLoyal: 0,
  lastHeartbeat: 0,
  cursed: 0,
  reloads: 0,
} as const;

const NO_FAILURE = { firstFailure: 0, lastFailure: 0, lastWaitMs: 0 } as const;

/** Remembers when: nothing is decided by it. `now` is Unix time in milliseconds. */
export class VassalHistory {
  #moments: VassalMoments = { ...NO_LIFE, ...NO_FAILURE };

  get moments(): VassalMoments {
    return this.#moments;
  }

  heartbeat(now: number): void {
    this.#set({ lastHeartbeat: now });
  }

  /** Its process was launched by a former emperor. */
  adopted(launched: number): void {
    this.#set({ launched, lastRun: launched });
  }

  note(report: VassalReport, now: number): void {
    switch (report.type) {
      case 'vassal-launched':
        return this.#set({ ...NO_LIFE, launched: now, lastRun: now });
      case 'vassal-spawned':
        return this.#set({ lastReady: now });
      case 'vassal-ready':
        return this.#set({ lastReady: this.#moments.lastReady || now, lastAccepting: now });
      case 'vassal-loyal':
        return this.#set({ lastLoyal: now });
      case 'vassal-reloading':
        return this.#set({ lastRun: now, reloads: this.#moments.reloads + 1 });
      case 'vassal-stopping':
        return this.#set({ cursed: now });
      case 'vassal-exited':
        return this.#set({ cursed: 0, ...this.#failed(report, now) });
      default:
        return undefined;
    }
  }

  #failed(report: VassalReport & { type: 'vassal-exited' }, now: number): typeof NO_FAILURE | Partial<VassalMoments> {
    if (report.failures === 0) return NO_FAILURE;
    const firstFailure = report.failures === 1 ? now : this.#moments.firstFailure || now;
    return { firstFailure, lastFailure: now, lastWaitMs: report.retryMs ?? 0 };
  }

  #set(changes: Partial<VassalMoments>): void {
    this.#moments = { ...this.#moments, ...changes };
  }
}
