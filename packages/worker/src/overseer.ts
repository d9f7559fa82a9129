import { type CheaperAlgorithm, createCheaperAlgorithm, hasMemoryLimits } from './cheaper.ts';
import type { Dispatcher } from './dispatcher.ts';
import { describeHarakiri, findStuck, type StuckRequest } from './harakiri.ts';
import { IdleClock } from './hibernation.ts';
import { isOld, judgeMemory, watchesMemory } from './lifetime.ts';
import { memoryUsage } from './memory-usage.ts';
import type { ProgressBoard } from './progress-board.ts';
import type { PoolSettings } from './settings.ts';
import type { Slot } from './slot.ts';
import { signalProcess } from './signal-process.ts';
import type { WorkerProcess } from './worker-process.ts';

/** How often it looks, as uWSGI's master does. */
const CHECK_MS = 1000;
/** Time for the Python stacks to be written before a stuck worker is killed. */
const STACK_DUMP_MS = 50;

/** What the overseer can have done. */
export interface OverseenPool {
  readonly slots: readonly Slot[];
  readonly workers: Iterable<WorkerProcess>;
  add(count: number): void;
  /** Lets an idle worker go. */
  cheap(): void;
  /** Lets it finish and starts its successor. */
  replace(worker: WorkerProcess): Promise<void>;
  /** Lets all workers go until there is something to do. */
  hibernate(): void;
}

/** Looks after the workers once a second: their number, their age and memory, and requests that are stuck. */
export class Overseer {
  readonly #settings: PoolSettings;
  readonly #pool: OverseenPool;
  readonly #dispatcher: Dispatcher;
  readonly #board: ProgressBoard;
  readonly #cheaper: CheaperAlgorithm | undefined;
  readonly #idleClock: IdleClock | undefined;
  #timer: NodeJS.Timeout | undefined;
  #runningUsBefore = 0;

  constructor(settings: PoolSettings, pool: OverseenPool, dispatcher: Dispatcher, board: ProgressBoard) {
    this.#settings = settings;
    this.#pool = pool;
    this.#dispatcher = dispatcher;
    this.#board = board;
    const { idleSeconds = 0 } = settings;
    this.#idleClock = idleSeconds > 0 ? new IdleClock(idleSeconds) : undefined;
    this.#cheaper =
      settings.cheaper === undefined
        ? undefined
        : createCheaperAlgorithm(settings.cheaper, (line) => settings.log.line(line));
  }

  start(): void {
    this.#timer = setInterval(() => this.#check(), CHECK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    this.#checkStuck();
    this.#checkAge();
    if (watchesMemory(this.#settings)) this.#checkMemory();
    if (this.#idleClock !== undefined && this.#checkIdle(this.#idleClock)) return;
    if (this.#cheaper !== undefined) this.#checkLoad(this.#cheaper);
  }

  // ---- harakiri

  #checkStuck(): void {
    const { harakiriSeconds, harakiriQueueThreshold = 0, threads } = this.#settings;
    if (this.#dispatcher.queue.length < harakiriQueueThreshold) return;
    const now = performance.now();
    for (const worker of this.#pool.workers) {
      if (worker.inFlight === 0 || worker.condemned) continue;
      if (harakiriSeconds === 0 && !worker.hasUserHarakiri) continue;
      const limits = { threads, limitMs: harakiriSeconds > 0 ? harakiriSeconds * 1000 : Infinity };
      const stuck = findStuck(worker, this.#board.read(worker.identity.board), limits, now);
      if (stuck.length > 0) this.#condemn(worker, stuck, now);
    }
  }

  #condemn(worker: WorkerProcess, stuck: readonly StuckRequest[], nowMs: number): void {
    const { log, onEvent } = this.#settings;
    for (const line of describeHarakiri(worker, stuck, nowMs)) log.dated(line);
    onEvent({ type: 'harakiri', workerId: worker.id, pid: worker.pid });
    worker.condemned = true;
    this.#settings.figures.harakiris++;
    const slot = this.#pool.slots[worker.id - 1];
    if (slot !== undefined) slot.harakiriCount++;
    this.#dispatcher.remove(worker);
    const { harakiriGracefulSeconds = 0, harakiriGracefulSignal = 'SIGTERM' } = this.#settings;
    signalProcess(worker.pid, 'SIGUSR2'); // faulthandler writes the Python stacks to the log
    if (harakiriGracefulSeconds > 0) signalProcess(worker.pid, harakiriGracefulSignal);
    setTimeout(() => worker.kill(), STACK_DUMP_MS + harakiriGracefulSeconds * 1000);
  }

  // ---- age and memory

  #checkAge(): void {
    const now = performance.now();
    for (const worker of this.#pool.workers) {
      const age = {
        id: worker.id,
        requests: worker.counters.work.requests,
        ageSeconds: (now - worker.identity.startedAtMs) / 1000,
      };
      if (worker.state === 'ready' && isOld(this.#settings, age)) {
        this.#settings.log.line(
          `worker ${worker.id} lifetime reached, it was running for ${Math.floor(age.ageSeconds)} second(s)`,
        );
        void this.#pool.replace(worker);
      }
    }
  }

  #checkMemory(): void {
    for (const worker of this.#pool.workers) {
      const usage = worker.state === 'ready' ? memoryUsage(worker.pid) : undefined;
      if (usage === undefined) continue;
      const verdict = judgeMemory(this.#settings, usage);
      if (verdict === 'fine') continue;
      this.#settings.log.dated(
        `worker ${worker.id} (pid: ${worker.pid}) holds ${usage.rss >> 20} MB (${Math.trunc(usage.vsz / 1048576)} MB of addresses): ` +
          (verdict === 'kill' ? 'killed (evil-reload-on-*)' : 'replaced (reload-on-*)'),
      );
      if (verdict === 'kill') worker.kill();
      else void this.#pool.replace(worker);
    }
  }

  // ---- idle

  /** @returns true when the workers sleep, or have just been sent to sleep */
  #checkIdle(clock: IdleClock): boolean {
    const { slots } = this.#pool;
    const running = slots.reduce((sum, { current }) => sum + (current?.inFlight ?? 0), 0);
    const answered = slots.reduce((sum, { work }) => sum + work.requests, 0);
    const now = performance.now();
    if (!clock.isIdle({ open: running + this.#dispatcher.queue.length, answered }, now)) return false;
    if (slots.every(({ cheaped }) => cheaped)) return true;
    const { log, idleSeconds = 0, onEvent } = this.#settings;
    const [nowSeconds, sinceSeconds] = [Date.now(), Date.now() - (now - clock.sinceMs)].map((ms) =>
      Math.trunc(ms / 1000),
    );
    log.line(`workers have been inactive for more than ${idleSeconds} seconds (${nowSeconds}-${sinceSeconds})`);
    this.#pool.hibernate();
    onEvent({ type: 'idle' });
    return true;
  }

  // ---- cheaper

  #checkLoad(algorithm: CheaperAlgorithm): void {
    const { threads, processes } = this.#settings;
    const active = this.#pool.slots.filter((slot) => !slot.cheaped);
    const busy = active.filter(({ current }) => current === undefined || current.inFlight >= threads).length;
    const decision = algorithm.decide({
      active: active.length,
      busy,
      maximum: processes,
      queued: this.#dispatcher.queue.length,
      busyness: this.#measureBusyness(active.length),
      rssBytes: this.#measureMemory(),
    });
    if (decision > 0) this.#pool.add(decision);
    else if (decision < 0) this.#pool.cheap();
  }

  #measureMemory(): number {
    const { cheaper } = this.#settings;
    if (cheaper === undefined || !hasMemoryLimits(cheaper)) return 0;
    return Array.from(this.#pool.workers, ({ pid }) => memoryUsage(pid)?.rss ?? 0).reduce((sum, rss) => sum + rss, 0);
  }

  /** Per cent of the time since the last check that threads have worked; requests that still run count for as long as they do. */
  #measureBusyness(active: number): number {
    const now = performance.now();
    let runningUs = 0;
    let unfinishedUs = 0;
    for (const { work } of this.#pool.slots) runningUs += work.runningTimeUs;
    for (const worker of this.#pool.workers)
      for (const { dispatchedAtMs } of worker.requests) unfinishedUs += Math.min(CHECK_MS, now - dispatchedAtMs) * 1000;
    const workedUs = Math.max(0, runningUs - this.#runningUsBefore) + unfinishedUs;
    this.#runningUsBefore = runningUs;
    return Math.min(100, (100 * workedUs) / (Math.max(1, active) * this.#settings.threads * CHECK_MS * 1000));
  }
}
