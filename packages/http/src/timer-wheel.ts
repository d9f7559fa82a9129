/** Where a wheel keeps something: a link of the list of its slot. */
export interface WheelPlace {
  readonly item: Expiring;
  slot: number;
  previous: WheelPlace | undefined;
  next: WheelPlace | undefined;
}

/** Something that must be looked at when its time has come. The deadline may be moved later at any time by just writing it. */
export interface Expiring {
  /** `performance.now()` time; Infinity for never. */
  deadlineMs: number;
  /** Called at or after the deadline, up to one tick late. */
  onDeadline(): void;
  /** The wheel's own: undefined while it is not watched. */
  wheelPlace?: WheelPlace | undefined;
}

/** Coarse: deadlines here are seconds, and thousands of connections share the one timer. */
const TICK_MS = 250;
const SLOTS = 512;

/**
 * One timer for the deadlines of all connections. Moving a deadline later costs nothing (it is looked at again when the old
 * time has come), so that a request does not touch any timer, and a connection that lives for one request costs a link in a list.
 * The timer runs only while something is watched.
 */
export class TimerWheel {
  /** The first of each list. */
  readonly #slots: (WheelPlace | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  #watched = 0;
  #current = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Begins to watch, or takes notice of a deadline that was moved earlier. */
  watch(item: Expiring): void {
    const place = item.wheelPlace;
    if (place === undefined) {
      this.#watched++;
      item.wheelPlace = { item, slot: 0, previous: undefined, next: undefined };
      this.#link(item.wheelPlace);
    } else {
      this.#unlink(place);
      this.#link(place);
    }
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref();
  }

  unwatch(item: Expiring): void {
    const place = item.wheelPlace;
    if (place === undefined) return;
    item.wheelPlace = undefined;
    this.#unlink(place);
    this.#watched--;
    if (this.#watched === 0) this.#rest();
  }

  #link(place: WheelPlace): void {
    const ticks = Math.ceil((place.item.deadlineMs - performance.now()) / TICK_MS);
    const slot = (this.#current + Math.min(Math.max(ticks, 1), SLOTS - 1)) % SLOTS;
    const first = this.#slots[slot];
    place.slot = slot;
    place.previous = undefined;
    place.next = first;
    if (first !== undefined) first.previous = place;
    this.#slots[slot] = place;
  }

  #unlink(place: WheelPlace): void {
    const { slot, previous, next } = place;
    if (previous === undefined) this.#slots[slot] = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    // A dead link in the old generation would keep its younger neighbours alive.
    place.previous = undefined;
    place.next = undefined;
  }

  #tick(): void {
    this.#current = (this.#current + 1) % SLOTS;
    const now = performance.now();
    for (let place = this.#slots[this.#current]; place !== undefined; place = this.#slots[this.#current]) {
      const { item } = place;
      // Into another slot in any case: it is looked at again, at the latest with the next tick.
      this.#unlink(place);
      this.#link(place);
      if (item.deadlineMs <= now) item.onDeadline();
    }
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
