import type { AppRequest } from './app-request.ts';
import type { WorkerProcess } from './worker-process.ts';
import type { WorkerNews } from './zygote-messages.ts';

/** Whoever looks after the workers. */
export interface WorkerOwner {
  onReady(worker: WorkerProcess): void;
  /** A request is complete: there is room for another one. */
  onServed(worker: WorkerProcess, serviceUs: number): void;
  /** Its app has raised. */
  onFailed(worker: WorkerProcess): void;
  /** Requests that the worker has not begun: for another one. */
  onReturned(worker: WorkerProcess, requests: readonly AppRequest[]): void;
  onNote(worker: WorkerProcess, news: WorkerNews): void;
  /** The app asks something. @throws Error with a sentence for the app */
  onCall(worker: WorkerProcess, name: string, args: readonly unknown[]): Promise<unknown>;
  /** A call whose answer nobody waits for. */
  onTell(worker: WorkerProcess, name: string, args: readonly unknown[]): void;
  /** It sent what makes no sense. */
  onBroken(worker: WorkerProcess, error: Error): void;
  /** The channel is gone and with it the worker. `unanswered` in the order in which they were sent. */
  onClosed(worker: WorkerProcess, unanswered: readonly AppRequest[]): void;
}
