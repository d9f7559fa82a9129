import { Buffer } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';

/*
 * A file beside the database that the processes which use a cache write to without a system call (Python maps it). All numbers are
 * 64 bits, little-endian, unsigned.
 *
 *   word 0       ticks: counts uses, the order in which items were used
 *   16 …         256 numbers: 64 lanes of hits, misses, refusals for want of room, and one unused; each worker has a lane
 *   272 …        4096 versions: the number of the last change to a key of that slot
 *   4368 …       4096 ticks: when a key of that slot was last used
 *
 * A process that has read an item keeps a copy for as long as the version of its slot stays the same. A change writes the version
 * before it is committed, and a copy is only made of what belongs to a commit as young as the version: so a process that is killed in
 * the middle of a change leaves no copy that is too old.
 */

const WORD_BYTES = 8;
const FIRST_LANE = 16;
const LANES = 64;
const LANE_WORDS = 4;
const HEAD_WORDS = FIRST_LANE + LANES * LANE_WORDS;
/** Many more than there are hot keys make collisions rare, and each costs no more than a look into the database. */
const SLOTS = 4096;
const FILE_BYTES = (HEAD_WORDS + 2 * SLOTS) * WORD_BYTES;

/** What a lane counts. */
export type Counted = 'hits' | 'misses' | 'full';
const COUNTED: readonly Counted[] = ['hits', 'misses', 'full'];

/** The vassal's side of the file. */
export class SharedSlots {
  readonly #descriptor: number;
  readonly #crc32: (data: Buffer) => number;
  readonly #word = Buffer.alloc(WORD_BYTES);
  readonly #own: Record<Counted, number> = { hits: 0, misses: 0, full: 0 };

  /** @throws an error of the file system, such as that the disk is full: all of it is written, so that nobody runs into a hole later */
  constructor(path: string) {
    this.#crc32 = process.getBuiltinModule('node:zlib').crc32;
    this.#descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    const { size } = fstatSync(this.#descriptor);
    if (size < FILE_BYTES) writeSync(this.#descriptor, Buffer.alloc(FILE_BYTES - size), 0, FILE_BYTES - size, size);
  }

  slotOf(key: Buffer): number {
    return this.#crc32(key) & (SLOTS - 1);
  }

  version(slot: number): number {
    return Number(this.#read(HEAD_WORDS + slot));
  }

  setVersion(slot: number, version: number): void {
    this.#write(HEAD_WORDS + slot, BigInt(version));
  }

  /** After everything was removed. */
  setAllVersions(version: number): void {
    const versions = new BigUint64Array(SLOTS).fill(BigInt(version));
    writeSync(this.#descriptor, new Uint8Array(versions.buffer), 0, SLOTS * WORD_BYTES, HEAD_WORDS * WORD_BYTES);
  }

  /** Notes a use of a key. */
  use(slot: number): void {
    this.#write(HEAD_WORDS + SLOTS + slot, BigInt(this.tick()));
  }

  lastUse(slot: number): number {
    return Number(this.#read(HEAD_WORDS + SLOTS + slot));
  }

  /** The next number in the order of uses. Two processes that count at once may get the same one. */
  tick(): number {
    const tick = this.#read(0) + 1n;
    this.#write(0, tick);
    return Number(tick);
  }

  /** Only the vassal asks for totals, so what it counts itself stays with it. */
  count(what: Counted): void {
    this.#own[what] += 1;
  }

  /** What all processes have counted. */
  totals(): Record<Counted, number> {
    const bytes = Buffer.alloc(LANES * LANE_WORDS * WORD_BYTES);
    readSync(this.#descriptor, bytes, 0, bytes.length, FIRST_LANE * WORD_BYTES);
    const totals = { ...this.#own };
    for (let lane = 0; lane < LANES; lane++) {
      COUNTED.forEach((what, index) => {
        totals[what] += Number(bytes.readBigUInt64LE((lane * LANE_WORDS + index) * WORD_BYTES));
      });
    }
    return totals;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #read(word: number): bigint {
    readSync(this.#descriptor, this.#word, 0, WORD_BYTES, word * WORD_BYTES);
    return this.#word.readBigUInt64LE();
  }

  #write(word: number, value: bigint): void {
    this.#word.writeBigUInt64LE(value);
    writeSync(this.#descriptor, this.#word, 0, WORD_BYTES, word * WORD_BYTES);
  }
}
