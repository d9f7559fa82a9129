import { describeDeath, describeLeave } from './departures.ts';
import type { PoolSettings } from './settings.ts';
import type { Slot } from './slot.ts';
import type { LeaveReason, WorkerProcess } from './worker-process.ts';
import type { WorkerExit } from './zygote-keeper.ts';

/** What a worker exits with that has found no app, where one is needed. */
const EXIT_NEED_APP = 22;

/** What follows the end of a worker: the lines about it, and its successor. */
export class Succession {
  readonly #settings: PoolSettings;
  readonly #spawn: (slot: Slot) => void;

  constructor(settings: PoolSettings, spawn: (slot: Slot) => void) {
    this.#settings = settings;
    this.#spawn = spawn;
  }

  /** Starts a worker in place of another one. @param delayMs how long the place stays empty */
  fill(slot: Slot, delayMs: number): void {
    slot.isRespawn = true;
    this.#settings.figures.respawns++;
    if (delayMs === 0) {
      this.#spawn(slot);
      return;
    }
    this.#settings.log.line(`worker respawning too fast !!! i have to sleep a bit (${delayMs / 1000} seconds)...`);
    slot.pendingSpawn = setTimeout(() => this.#spawn(slot), delayMs);
  }

  /** A worker has gone as it was told. @param stopMs how long the stop of the pool has lasted */
  left(worker: WorkerProcess, reason: LeaveReason, stopMs: number): void {
    for (const line of describeLeave(worker, reason, stopMs)) this.#settings.log.line(line);
  }

  /** A worker has died: says so and starts its successor. @param isClosing nobody follows any more */
  died(slot: Slot, worker: WorkerProcess, exit: WorkerExit | undefined, isClosing: boolean): void {
    const { log, onEvent } = this.#settings;
    if (exit?.status === EXIT_NEED_APP && exit.signal === 0) {
      onEvent({ type: 'app-missing' });
      return;
    }
    if (isClosing) return;
    log.line(describeDeath(worker, exit));
    this.fill(slot, slot.throttle.delayMs(performance.now() - worker.identity.startedAtMs));
  }
}
