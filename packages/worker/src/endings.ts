import type { WorkerProcess } from './worker-process.ts';
import type { WorkerExit } from './zygote-keeper.ts';

/** How long the last words of a worker may take whose end has been reported. */
const LAST_WORDS_MS = 30;
/** How long the report may take of the end of one whose channel is gone: it comes at once, unless the machine is very busy. */
const REPORT_MS = 500;

/**
 * A worker's end is told twice: its channel closes, and its zygote reports how it ended. Either may come first, and one may never come:
 * the zygote may be dead too, or a child of the app's holds the channel open.
 */
export class Endings {
  readonly #bury: (worker: WorkerProcess, exit: WorkerExit | undefined) => void;
  readonly #exits = new Map<number, WorkerExit>();
  readonly #closed = new Map<number, { readonly worker: WorkerProcess; readonly timer: NodeJS.Timeout }>();

  /** @param bury told once per worker; `exit` is undefined when nobody knows */
  constructor(bury: (worker: WorkerProcess, exit: WorkerExit | undefined) => void) {
    this.#bury = bury;
  }

  /** The channel is gone. @param isWatched whether a report can be expected */
  channelClosed(worker: WorkerProcess, isWatched: boolean): void {
    const exit = this.#exits.get(worker.identity.serial);
    this.#exits.delete(worker.identity.serial);
    if (exit !== undefined || !isWatched) {
      this.#bury(worker, exit);
      return;
    }
    const timer = setTimeout(() => {
      this.#closed.delete(worker.identity.serial);
      this.#bury(worker, undefined);
    }, REPORT_MS);
    this.#closed.set(worker.identity.serial, { worker, timer });
  }

  /** The zygote reports. @param worker undefined when it has been buried already */
  reported(exit: WorkerExit, worker: WorkerProcess | undefined): void {
    const closed = this.#closed.get(exit.serial);
    if (closed !== undefined) {
      clearTimeout(closed.timer);
      this.#closed.delete(exit.serial);
      this.#bury(closed.worker, exit);
    } else if (worker !== undefined) {
      this.#exits.set(exit.serial, exit);
      // Its last words may still be on their way.
      setTimeout(() => worker.disconnect(), LAST_WORDS_MS);
    }
  }
}
