import type { LineBatch } from './line-batch.ts';

/** The far side of a log: a file, a pipe, a socket. Is given one batch at a time. */
export interface LogSink {
  /** How messages about the target call it. */
  readonly name: string;
  /** Takes a batch. `done` is called once, with the reason when lines were lost. */
  write(batch: LineBatch, done: (error: Error | undefined) => void): void;
  /** Writes before it returns, as far as that is possible within a second. Comes after a batch that is still under way. */
  writeSync(batch: LineBatch): void;
  reopen(): void;
  rotate(): void;
  close(): void;
}
