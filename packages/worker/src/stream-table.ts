const FIRST_CAPACITY = 64;
const MAX_STREAM = 0xffff_ffff;

/**
 * What is in flight, by number of the stream. Numbers go round: the one of a stream that has ended is not given out again before all
 * others were. A place is the low bits of its number, so that coming and going moves nothing and allocates nothing: a `Map` makes a new
 * table every few dozen changes, and its old tables keep what was in them alive until the whole heap is collected.
 */
export class StreamTable<T> {
  #values: (T | undefined)[] = emptySlots(FIRST_CAPACITY);
  #streams: number[] = Array.from({ length: FIRST_CAPACITY }, () => 0);
  #last = 0;
  size = 0;

  /** @returns the number it has from now on */
  add(value: T): number {
    if (this.size * 2 >= this.#values.length) this.#grow();
    const mask = this.#values.length - 1;
    let stream = this.#last;
    do stream = stream === MAX_STREAM ? 1 : stream + 1;
    while (this.#values[stream & mask] !== undefined);
    this.#last = stream;
    this.#put(stream, value);
    this.size++;
    return stream;
  }

  get(stream: number): T | undefined {
    const place = stream & (this.#values.length - 1);
    return this.#streams[place] === stream ? this.#values[place] : undefined;
  }

  has(stream: number): boolean {
    return this.get(stream) !== undefined;
  }

  delete(stream: number): void {
    if (!this.has(stream)) return;
    this.#values[stream & (this.#values.length - 1)] = undefined;
    this.size--;
  }

  /** Oldest first. */
  values(): T[] {
    const streams = this.#streams.filter((stream) => this.has(stream)).toSorted((a, b) => a - b);
    return streams.map((stream) => this.get(stream)).filter((value) => value !== undefined);
  }

  clear(): void {
    this.#values = emptySlots(FIRST_CAPACITY);
    this.#streams = Array.from({ length: FIRST_CAPACITY }, () => 0);
    this.size = 0;
  }

  #put(stream: number, value: T): void {
    const place = stream & (this.#values.length - 1);
    this.#values[place] = value;
    this.#streams[place] = stream;
  }

  #grow(): void {
    const values = this.#values;
    const streams = this.#streams;
    this.#values = emptySlots(2 * values.length);
    this.#streams = Array.from({ length: 2 * values.length }, () => 0);
    values.forEach((value, place) => {
      if (value !== undefined) this.#put(streams[place] ?? 0, value);
    });
  }
}

function emptySlots<T>(length: number): (T | undefined)[] {
  return Array.from({ length }, () => undefined);
}
