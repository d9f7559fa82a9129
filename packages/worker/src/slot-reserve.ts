import type { Slot } from './slot.ts';
import type { LeaveReason, WorkerProcess } from './worker-process.ts';

/** The places of a pool that are kept empty while there is little to do: lets workers go and brings them back. */
export class SlotReserve {
  readonly #slots: readonly Slot[];
  readonly #initial: number;
  readonly #spawn: (slot: Slot) => void;
  readonly #retire: (worker: WorkerProcess, reason: LeaveReason) => void;
  /** All of them were let go at once: the next request brings the first ones back. */
  #hibernating: boolean;

  /** @param initial how many a pool has that wakes up @param hibernating whether it begins asleep */
  constructor(
    slots: readonly Slot[],
    { initial, hibernating }: { readonly initial: number; readonly hibernating: boolean },
    spawn: (slot: Slot) => void,
    retire: (worker: WorkerProcess, reason: LeaveReason) => void,
  ) {
    this.#slots = slots;
    this.#initial = initial;
    this.#spawn = spawn;
    this.#retire = retire;
    this.#hibernating = hibernating;
  }

  /** Starts workers that are not wanted so far. */
  add(count: number): void {
    for (const slot of this.#slots.filter(({ cheaped }) => cheaped).slice(0, count)) {
      slot.cheaped = false;
      this.#spawn(slot);
    }
  }

  /** Lets a worker go: the first idle one, as in uWSGI. */
  cheap(): void {
    const slot = this.#slots.find(({ current }) => current?.state === 'ready' && current.inFlight === 0);
    if (slot?.current === undefined) return;
    slot.cheaped = true;
    slot.isRespawn = false;
    this.#retire(slot.current, 'cheaped');
  }

  /** Lets all workers go. */
  hibernate(): void {
    this.#hibernating = true;
    for (const slot of this.#slots) {
      clearTimeout(slot.pendingSpawn);
      slot.cheaped = true;
      if (slot.current === undefined) continue;
      slot.isRespawn = true;
      this.#retire(slot.current, 'hibernated');
    }
  }

  /** Something is to be done: where there is no worker, the first ones start again. */
  wakeUp(): void {
    if (this.#slots.some(({ cheaped }) => !cheaped)) return;
    // An operator may have let all of them go (`cheaper-algo = manual`): then one is enough.
    this.add(this.#hibernating ? this.#initial : 1);
    this.#hibernating = false;
  }
}
