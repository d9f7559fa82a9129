/**
 * uWSGI's shared queue: a ring of slots. `push` writes at one end and overwrites what was never taken, `pull` reads at the other end, `pop`
 * takes back what was pushed last; an empty slot gives nothing, and the position stays.
 */
export class Ring {
  readonly #slots: (string | null)[];
  /** Where the next item goes. */
  position = 0;
  /** Where the next item comes from. */
  pullPosition = 0;

  /** @param slots items as base64; null is an empty slot */
  constructor(slots: readonly (string | null)[]) {
    this.#slots = [...slots];
  }

  get slots(): readonly (string | null)[] {
    return this.#slots;
  }

  push(item: string): void {
    this.#slots[this.position] = item;
    this.position = this.#behind(this.position);
  }

  pull(): string | null {
    const item = this.#take(this.pullPosition);
    if (item !== null) this.pullPosition = this.#behind(this.pullPosition);
    return item;
  }

  pop(): string | null {
    const last = this.#before(this.position);
    const item = this.#take(last);
    if (item !== null) this.position = last;
    return item;
  }

  get(index: number): string | null {
    return this.#slots[index] ?? null;
  }

  /** @returns false when there is no such slot */
  set(index: number, item: string): boolean {
    if (index < 0 || index >= this.#slots.length) return false;
    this.#slots[index] = item;
    return true;
  }

  /** What was pushed last, the newest first. */
  last(count: number): (string | null)[] {
    const items: (string | null)[] = [];
    let index = this.position;
    for (let left = Math.min(count, this.#slots.length); left > 0; left--) {
      index = this.#before(index);
      items.push(this.get(index));
    }
    return items;
  }

  #take(index: number): string | null {
    const item = this.get(index);
    this.#slots[index] = null;
    return item;
  }

  #behind(index: number): number {
    return (index + 1) % this.#slots.length;
  }

  #before(index: number): number {
    return (index + this.#slots.length - 1) % this.#slots.length;
  }
}
