import { Buffer } from 'node:buffer';

const FIRST_BYTES = 8192;
/** A batch that has grown beyond this is not used again: it was made by a burst. */
const KEPT_BYTES = 262_144;
/** UTF-8 takes at most three bytes for a unit of UTF-16. */
const UTF8_BYTES_PER_UNIT = 3;
const LINE_FEED = 10;

/**
 * Lines that wait to be written together, as bytes from the start: as strings they would live just long enough to become work for the
 * garbage collector.
 */
export class LineBatch {
  /** How many lines. */
  count = 0;
  /** Bytes held, line breaks included. */
  size = 0;
  #bytes: Buffer | undefined;
  /** Where each line ends, its break included. */
  readonly #ends: number[] = [];

  add(text: string, encoding: 'utf8' | 'latin1'): void {
    const most = encoding === 'latin1' ? text.length : text.length * UTF8_BYTES_PER_UNIT;
    const bytes = this.#room(most + 1);
    this.size += bytes.write(text, this.size, encoding);
    bytes[this.size++] = LINE_FEED;
    this.#ends.push(this.size);
    this.count++;
  }

  /** All lines, each with its line break. Good until the batch is cleared. */
  toBuffer(): Buffer {
    return this.#bytes?.subarray(0, this.size) ?? Buffer.alloc(0);
  }

  /** Each line by itself, without a line break: for targets that take messages. Good until the batch is cleared. */
  toLines(): Buffer[] {
    const all = this.toBuffer();
    return this.#ends.map((end, index) => all.subarray(this.#ends[index - 1] ?? 0, end - 1));
  }

  /** Whether it is worth being cleared and filled again. */
  get isReusable(): boolean {
    return this.#bytes !== undefined && this.#bytes.length <= KEPT_BYTES;
  }

  /** Nobody looks at its bytes any more: it is empty again. */
  clear(): void {
    this.count = 0;
    this.size = 0;
    this.#ends.length = 0;
  }

  #room(needed: number): Buffer {
    const current = this.#bytes;
    if (current !== undefined && current.length - this.size >= needed) return current;
    let length = Math.max(FIRST_BYTES, (current?.length ?? 0) * 2);
    while (length - this.size < needed) length *= 2;
    const grown = Buffer.allocUnsafeSlow(length);
    current?.copy(grown, 0, 0, this.size);
    this.#bytes = grown;
    return grown;
  }
}
