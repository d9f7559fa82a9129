/** Something that must be looked at when its time has come. The deadline may be moved later at any time by just writing it. */
export interface Expiring {
  /** `performance.now()` time; Infinity for never. */
  deadlineMs: number;
  /** Called at or after the deadline, up to one tick late. */
  onDeadline(): void;
}

/** Coarse: deadlines here are seconds, and thousands of connections share the one timer. */
const TICK_MS = 250;
const SLOTS = 512;

/**
 * One timer for the deadlines of all connections. Moving a deadline later costs nothing (it is looked at again when the old
 * time has come), so that a request does not touch any timer. The timer runs only while something is watched.
 */
export class TimerWheel {
  readonly #slots: Set<Expiring>[] = Array.from({ length: SLOTS }, () => new Set());
  readonly #slotOf = new Map<Expiring, number>();
  #current = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Begins to watch, or takes notice of a deadline that was moved earlier. */
  watch(item: Expiring): void {
    const slot = this.#slotOf.get(item);
    if (slot !== undefined) this.#slots[slot]?.delete(item);
    this.#place(item);
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref();
  }

  unwatch(item: Expiring): void {
    const slot = this.#slotOf.get(item);
    if (slot === undefined) return;
    this.#slots[slot]?.delete(item);
    this.#slotOf.delete(item);
    if (this.#slotOf.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #place(item: Expiring): void {
    const ticks = Math.ceil((item.deadlineMs - performance.now()) / TICK_MS);
    const slot = (this.#current + Math.min(Math.max(ticks, 1), SLOTS - 1)) % SLOTS;
    this.#slotOf.set(item, slot);
    this.#slots[slot]?.add(item);
  }

  #tick(): void {
    this.#current = (this.#current + 1) % SLOTS;
    const due = this.#slots[this.#current];
    if (due === undefined || due.size === 0) return;
    const now = performance.now();
    for (const item of due) {
      if (item.deadlineMs <= now) item.onDeadline();
      // Still where it was: neither unwatched nor moved by its own deadline.
      if (this.#slotOf.get(item) !== this.#current) continue;
      due.delete(item);
      this.#place(item);
    }
    if (this.#slotOf.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }
}
