import { Buffer } from 'node:buffer';
import { closeSync, constants, existsSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Per thread: u32 the stream it began last, u32 whether it still runs it. Native byte order: both ends are one machine. */
const THREAD_BYTES = 8;
/** Where files never touch a disk. */
const SHARED_MEMORY = '/dev/shm';

/** What a worker was doing when it was last seen. */
export interface Progress {
  /** Streams it has begun last, one per thread. */
  readonly begun: ReadonlySet<number>;
  /** Those of them that it has not finished. */
  readonly running: ReadonlySet<number>;
}

/**
 * Memory that the workers share with their vassal: each thread notes there what it begins. When a worker is killed, no message
 * comes from it any more, and this still tells which of its requests had begun and which can safely go to another worker.
 */
export class ProgressBoard {
  /** The file behind it, to be mapped by the zygote. */
  readonly descriptor: number;
  /** Bytes of one worker's region. */
  readonly regionBytes: number;
  readonly #free: number[];
  /** Written to by workers that got no region of their own. */
  readonly #overflow: number;

  constructor(threads: number, regions: number) {
    this.regionBytes = THREAD_BYTES * threads;
    this.descriptor = openAnonymous();
    ftruncateSync(this.descriptor, this.regionBytes * (regions + 1));
    this.#overflow = this.regionBytes * regions;
    this.#free = Array.from({ length: regions }, (_, index) => regions - 1 - index);
  }

  /** A region for a new worker: where it begins, in bytes. When all are taken it is one that tells nothing. */
  take(): number {
    const index = this.#free.pop();
    return index === undefined ? this.#overflow : index * this.regionBytes;
  }

  giveBack(offset: number): void {
    if (offset !== this.#overflow) this.#free.push(offset / this.regionBytes);
  }

  /** @returns undefined when nothing is known about that worker */
  read(offset: number): Progress | undefined {
    if (offset === this.#overflow) return undefined;
    const bytes = Buffer.alloc(this.regionBytes);
    readSync(this.descriptor, bytes, 0, bytes.length, offset);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    const begun = new Set<number>();
    const running = new Set<number>();
    for (let i = 0; i < words.length; i += 2) {
      const stream = words[i] ?? 0;
      begun.add(stream);
      if (words[i + 1] === 1) running.add(stream);
    }
    return { begun, running };
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** A file without a name, which vanishes with its last user. */
function openAnonymous(): number {
  const directory = mkdtempSync(join(existsSync(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir(), 'emperor-'));
  try {
    return openSync(join(directory, 'progress'), constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
