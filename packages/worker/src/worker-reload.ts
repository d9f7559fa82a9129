import type { AppServerLog } from './settings.ts';
import type { Slot } from './slot.ts';
import type { WorkerProcess } from './worker-process.ts';

/** What a reload of the workers needs of the pool. */
export interface ReloadedPool {
  readonly slots: readonly Slot[];
  /** Starts a successor at once and lets the worker finish. Resolves when the successor is ready, or has died. */
  replace(worker: WorkerProcess): Promise<void>;
}

/** Replaces all workers at the same time (`touch-workers-reload`, fifo `w`). */
export async function reloadAll(pool: ReloadedPool, log: AppServerLog): Promise<void> {
  const workers = pool.slots.flatMap(({ current }) => (current === undefined ? [] : [current]));
  await Promise.all(
    workers.map((worker) => {
      log.line(describe(worker));
      return pool.replace(worker);
    }),
  );
}

/** Replaces one worker after the other, each when its predecessor's successor is ready (`touch-chain-reload`, fifo `c`). */
export async function reloadInChain(pool: ReloadedPool, log: AppServerLog): Promise<void> {
  for (const { id, current } of pool.slots) {
    if (current === undefined) continue;
    log.dated(`chain next victim is worker ${id}`);
    log.line(describe(current));
    const replaced = pool.replace(current);
    log.dated(`chain is still waiting for worker ${id}...`);
    await replaced;
  }
  log.dated('chain reloading complete');
}

function describe({ id, pid }: WorkerProcess): string {
  return `Gracefully killing worker ${id} (pid: ${pid})...`;
}
