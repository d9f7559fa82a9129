import { LineBatch } from './line-batch.ts';
import type { Log } from './log.ts';
import type { LogSink } from './log-sink.ts';

/**
 * A target that takes nothing may hold back this many bytes of lines; what comes then is counted and dropped. A busy server fills
 * it in a second: as long as a disk may well be busy with something else.
 */
const PENDING_LIMIT = 8 * 1024 * 1024;
/** Writes are at least this far apart, so a busy server makes 200 of them a second and not one for each turn of the event loop. */
const WRITE_INTERVAL_MS = 5;
/** A target that is only too slow fails and recovers all the time: that is said once in a while. */
const COMPLAINT_INTERVAL_MS = 60_000;
/** How long the end of the process may wait for a target that hangs. */
const CLOSE_PATIENCE_MS = 1000;

/** Told, in one sentence, when a target stops taking lines and when it takes them again. */
export type Complain = (sentence: string) => void;

/** A log that gathers lines and hands them to its sink in batches, one at a time. */
export class BatchedLog implements Log {
  readonly #sink: LogSink;
  readonly #complain: Complain;
  #pending = new LineBatch();
  /** Written and cleared, to be filled again. */
  #spare: LineBatch | undefined;
  #state: 'idle' | 'scheduled' | 'writing' | 'closed' = 'idle';
  #lastWriteMs = -Infinity;
  #dropped = 0;
  #droppedBefore = 0;
  #failing = false;
  #complainedAtMs = -Infinity;
  #whenIdle: (() => void)[] = [];

  constructor(sink: LogSink, complain: Complain) {
    this.#sink = sink;
    this.#complain = complain;
  }

  /** Lines that could not be written, since the start. */
  get dropped(): number {
    return this.#droppedBefore + this.#dropped;
  }

  line(text: string): void {
    this.#add(text, 'utf8');
  }

  byteLine(text: string): void {
    this.#add(text, 'latin1');
  }

  flushSync(): void {
    if (this.#pending.count === 0 || this.#state === 'closed') return;
    const batch = this.#take();
    try {
      this.#sink.writeSync(batch);
    } catch (error) {
      this.#lost(batch, error as Error);
    }
  }

  reopen(): void {
    this.#change('reopen');
  }

  rotate(): void {
    this.#change('rotate');
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    if (this.#state === 'writing') {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#whenIdle.push(resolve);
      const timer = setTimeout(resolve, CLOSE_PATIENCE_MS);
      await promise;
      clearTimeout(timer);
    }
    this.flushSync();
    this.#state = 'closed';
    this.#sink.close();
  }

  #add(text: string, encoding: 'utf8' | 'latin1'): void {
    const pending = this.#pending;
    if (pending.size > PENDING_LIMIT) {
      this.#drop(1, 'it does not take lines as fast as they come');
      return;
    }
    pending.add(text, encoding);
    if (this.#state === 'idle') this.#schedule();
  }

  #schedule(): void {
    this.#state = 'scheduled';
    const wait = this.#lastWriteMs + WRITE_INTERVAL_MS - performance.now();
    if (wait <= 0) setImmediate(this.#write);
    else setTimeout(this.#write, wait).unref();
  }

  readonly #write = (): void => {
    if (this.#state !== 'scheduled') return;
    if (this.#pending.count === 0) {
      this.#state = 'idle';
      return;
    }
    this.#state = 'writing';
    this.#lastWriteMs = performance.now();
    const batch = this.#take();
    this.#sink.write(batch, (error) => {
      this.#written(batch, error);
    });
  };

  #written(batch: LineBatch, error: Error | undefined): void {
    if (this.#state === 'closed') return;
    if (error !== undefined) this.#lost(batch, error);
    else if (this.#failing) this.#recover();
    if (batch.isReusable) {
      batch.clear();
      this.#spare = batch;
    }
    this.#state = 'idle';
    for (const resume of this.#whenIdle.splice(0)) resume();
    if (this.#isIdle() && this.#pending.count > 0) this.#schedule();
  }

  #isIdle(): boolean {
    return this.#state === 'idle';
  }

  #take(): LineBatch {
    const batch = this.#pending;
    this.#pending = this.#spare ?? new LineBatch();
    this.#spare = undefined;
    return batch;
  }

  #lost(batch: LineBatch, error: Error): void {
    this.#drop(batch.count, error.message);
  }

  #drop(lines: number, reason: string): void {
    this.#dropped += lines;
    if (this.#failing) return;
    this.#failing = true;
    const now = performance.now();
    if (now - this.#complainedAtMs < COMPLAINT_INTERVAL_MS) return;
    this.#complainedAtMs = now;
    this.#complain(
      `cannot write to the log ${this.#sink.name}: ${reason}; lines are dropped and counted until it takes them again`,
    );
  }

  #recover(): void {
    const sentence = `the log ${this.#sink.name} takes lines again; ${this.#dropped} were dropped`;
    this.#failing = false;
    this.#droppedBefore += this.#dropped;
    this.#dropped = 0;
    this.#pending.add(sentence, 'utf8');
  }

  /** What was taken so far still goes to the old file. */
  #change(what: 'reopen' | 'rotate'): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'writing') {
      this.#whenIdle.push(() => {
        this.#change(what);
      });
      return;
    }
    this.flushSync();
    try {
      this.#sink[what]();
    } catch (error) {
      this.#drop(0, (error as Error).message);
    }
  }
}
