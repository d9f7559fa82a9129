import type { AppServerLog } from './settings.ts';
import type { Slot } from './slot.ts';
import type { WorkerProcess } from './worker-process.ts';

/** What a reload of the workers needs of the pool. */
export interface ReloadedPool {
  readonly slots: readonly Slot[];
  /** Resolves when it is known whether a worker that is being started has become ready. */
  settled(worker: WorkerProcess): Promise<void>;
  /** Starts a successor at once and lets the worker finish. Resolves when the successor is ready, or has died. */
  replace(worker: WorkerProcess): Promise<void>;
}

/** Replaces all workers at the same time (`touch-workers-reload`, fifo `w`). */
export async function reloadAll(pool: ReloadedPool, log: AppServerLog): Promise<void> {
  await Promise.all(
    pool.slots.map(async (slot) => {
      const worker = await readyWorker(pool, slot);
      if (worker === undefined) return;
      log.line(describe(worker));
      await pool.replace(worker);
    }),
  );
}

/** Replaces one worker after the other, each when its predecessor's successor is ready (`touch-chain-reload`, fifo `c`). */
export async function reloadInChain(pool: ReloadedPool, log: AppServerLog): Promise<void> {
  for (const slot of pool.slots) {
    const worker = await readyWorker(pool, slot);
    if (worker === undefined) continue;
    log.dated(`chain next victim is worker ${slot.id}`);
    log.line(describe(worker));
    const replaced = pool.replace(worker);
    log.dated(`chain is still waiting for worker ${slot.id}...`);
    await replaced;
  }
  log.dated('chain reloading complete');
}

/** One that is still being started may have read the code before it changed: it is waited for, and replaced too. */
async function readyWorker(pool: ReloadedPool, slot: Slot): Promise<WorkerProcess | undefined> {
  if (slot.current?.state === 'starting') await pool.settled(slot.current);
  return slot.current;
}

function describe({ id, pid }: WorkerProcess): string {
  return `Gracefully killing worker ${id} (pid: ${pid})...`;
}
