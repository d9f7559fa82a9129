import { createSocketPair } from '@emperor/posix';

import { describeApp, describeFailure } from './app-lines.ts';
import type { AppRequest } from './app-request.ts';
import { SpareAlgorithm } from './cheaper.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Progress, ProgressBoard } from './progress-board.ts';
import { triage } from './rescue.ts';
import { findStuck, type StuckRequest } from './harakiri.ts';
import type { AppServerSettings } from './settings.ts';
import { Slot, type WorkerInfo } from './slot.ts';
import { signalProcess, WorkerProcess, type WorkerOwner } from './worker-process.ts';
import type { WorkerExit, ZygoteKeeper } from './zygote-keeper.ts';
import type { WorkerNote } from './zygote-messages.ts';

/** How often cheaper, harakiri and lifetimes are looked at, as in uWSGI's master. */
const CHECK_MS = 1000;
/** After the end of its channel, how long the zygote may take to say how a worker ended. */
const EXIT_REPORT_MS = 30;
/** Time for the Python stacks to be written before a stuck worker is killed. */
const STACK_DUMP_MS = 50;
const EXIT_NEED_APP = 22;

/** Why a worker is told to leave; says what is printed and what follows. */
type Leave = 'replaced' | 'cheaped' | 'stopped';

/** What is known about a worker that is gone, until its end is reported. */
interface Ending {
  readonly worker: WorkerProcess;
  readonly timer: NodeJS.Timeout;
}

/** The workers of one app: starts them, replaces those that end, follows the load, kills what is stuck. */
export class Pool implements WorkerOwner {
  readonly #settings: AppServerSettings;
  readonly #dispatcher: Dispatcher;
  readonly #keeper: ZygoteKeeper;
  readonly #board: ProgressBoard;
  readonly #slots: Slot[] = [];
  readonly #cheaper: SpareAlgorithm | undefined;
  readonly #alive = new Map<number, WorkerProcess>();
  readonly #leaves = new Map<WorkerProcess, Leave>();
  readonly #lastServedMs = new Map<WorkerProcess, number>();
  readonly #endings = new Map<number, Ending>();
  readonly #exits = new Map<number, WorkerExit>();
  readonly #starting = new Set<WorkerProcess>();
  #onStarted: (() => void) | undefined;
  #onEmpty: (() => void) | undefined;
  #check: NodeJS.Timeout | undefined;
  #lastSerial = 0;
  #accepting = false;
  #stopping = false;

  constructor(settings: AppServerSettings, dispatcher: Dispatcher, keeper: ZygoteKeeper, board: ProgressBoard) {
    this.#settings = settings;
    this.#dispatcher = dispatcher;
    this.#keeper = keeper;
    this.#board = board;
    this.#cheaper = settings.cheaper === undefined ? undefined : new SpareAlgorithm(settings.cheaper);
    const initial = settings.cheaper?.initial ?? settings.processes;
    for (let id = 1; id <= settings.processes; id++) this.#slots.push(new Slot(id, id > initial));
  }

  describe(): WorkerInfo[] {
    return this.#slots.map((slot) => slot.describe());
  }

  /** Starts the first workers. Resolves when each has become ready or has died. */
  start(): Promise<void> {
    this.#check = setInterval(() => this.#onCheck(), CHECK_MS);
    return new Promise((resolve) => {
      this.#onStarted = resolve;
      for (const slot of this.#slots) if (!slot.cheaped) this.#spawn(slot);
      this.#tellStarted();
    });
  }

  /** Ends all workers: each after what it was sent, or by force when the time is over. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#check);
    for (const slot of this.#slots) clearTimeout(slot.pendingSpawn);
    for (const worker of this.#alive.values()) this.#retire(worker, 'stopped');
    if (this.#alive.size === 0) return;
    const timer = setTimeout(() => {
      for (const worker of this.#alive.values()) worker.kill();
    }, graceMs);
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    clearTimeout(timer);
  }

  // ---- from the workers

  onReady(worker: WorkerProcess): void {
    if (!this.#accepting) {
      this.#accepting = true;
      this.#settings.onEvent({ type: 'accepting' });
    }
    if (worker.state === 'ready') this.#dispatcher.add(worker);
    this.#starting.delete(worker);
    this.#tellStarted();
  }

  onServed(worker: WorkerProcess, serviceUs: number): void {
    if (this.#settings.harakiriSeconds > 0) this.#lastServedMs.set(worker, performance.now());
    this.#dispatcher.served(serviceUs);
    const { maxRequests } = this.#settings;
    if (maxRequests > 0 && worker.dispatched >= maxRequests) this.#replaceWhenOld(worker);
  }

  onReturned(_worker: WorkerProcess, requests: readonly AppRequest[]): void {
    this.#dispatcher.giveBack(requests);
  }

  onNote(worker: WorkerProcess, note: WorkerNote): void {
    const { log, onEvent } = this.#settings;
    switch (note.type) {
      case 'leave':
        if (!this.#stopping && worker.state === 'ready') this.#replace(worker);
        break;
      case 'reload':
        onEvent({ type: 'reload-requested' });
        break;
      case 'stop':
        onEvent({ type: 'stop-requested' });
        break;
      case 'apps':
        for (const app of note.apps) log.line(describeApp(app, worker.pid));
        for (const mountpoint of note.failed) log.line(describeFailure(note.apps.length, mountpoint));
        break;
      case 'ready':
      case 'logvar':
        break;
      default:
        note satisfies never;
    }
  }

  onClosed(worker: WorkerProcess, unanswered: readonly AppRequest[]): void {
    this.#dispatcher.remove(worker);
    this.#starting.delete(worker);
    this.#rescue(unanswered, this.#board.read(worker.board));
    this.#board.giveBack(worker.board);
    const exit = this.#exits.get(worker.serial);
    if (exit !== undefined || !this.#keeper.watches) {
      this.#bury(worker, exit);
      return;
    }
    const timer = setTimeout(() => this.#bury(worker, undefined), EXIT_REPORT_MS);
    this.#endings.set(worker.serial, { worker, timer });
  }

  // ---- from the zygote

  onForked(serial: number, pid: number): void {
    const worker = this.#alive.get(serial);
    if (worker === undefined) return;
    worker.pid = pid;
    const slot = this.#slots[worker.id - 1];
    const { log, threads, offloadThreads, onEvent } = this.#settings;
    if (slot?.isRespawn === true) log.line(`Respawned uWSGI worker ${worker.id} (new pid: ${pid})`);
    else log.line(`spawned uWSGI worker ${worker.id} (pid: ${pid}, cores: ${threads})`);
    if (offloadThreads > 0) log.line(`spawned ${offloadThreads} offload threads for uWSGI worker ${worker.id}`);
    onEvent({ type: 'worker-spawned', workerId: worker.id, pid });
  }

  onNotForked(serial: number, reason: string): void {
    this.#settings.log.line(`cannot fork a worker: ${reason}`);
    this.#alive.get(serial)?.kill();
  }

  onExited(exit: WorkerExit): void {
    this.#exits.set(exit.serial, exit);
    const ending = this.#endings.get(exit.serial);
    if (ending !== undefined) {
      clearTimeout(ending.timer);
      this.#endings.delete(exit.serial);
      this.#bury(ending.worker, exit);
      return;
    }
    // Its last words may still be on their way; a child of the app's that holds the channel open must not keep it for ever.
    const worker = this.#alive.get(exit.serial);
    if (worker !== undefined) setTimeout(() => worker.kill(), EXIT_REPORT_MS);
  }

  // ---- starting and ending

  #spawn(slot: Slot): void {
    const [ours, theirs] = createSocketPair();
    const serial = ++this.#lastSerial;
    const board = this.#board.take();
    const identity = { id: slot.id, serial, board, nowMs: performance.now() };
    const worker = new WorkerProcess(identity, ours, this.#settings.transport, this);
    slot.occupy(worker);
    this.#alive.set(serial, worker);
    this.#starting.add(worker);
    this.#keeper.fork({ type: 'fork', serial, worker: slot.id, board }, theirs);
  }

  #retire(worker: WorkerProcess, leave: Leave): void {
    if (this.#leaves.has(worker)) return;
    this.#leaves.set(worker, leave);
    this.#dispatcher.remove(worker);
    worker.retire();
    const { workerReloadMercySeconds } = this.#settings;
    if (leave !== 'stopped') setTimeout(() => worker.kill(), workerReloadMercySeconds * 1000).unref();
  }

  #rescue(unanswered: readonly AppRequest[], progress: Progress | undefined): void {
    const { repeatable, lost } = triage(unanswered, progress, this.#settings.threads);
    for (const request of lost) {
      request.worker = undefined;
      if (!request.exchange.aborted) request.exchange.abort('its worker died');
    }
    this.#dispatcher.giveBack(repeatable);
  }

  #bury(worker: WorkerProcess, exit: WorkerExit | undefined): void {
    this.#exits.delete(worker.serial);
    this.#endings.delete(worker.serial);
    this.#alive.delete(worker.serial);
    this.#lastServedMs.delete(worker);
    const leave = this.#leaves.get(worker);
    this.#leaves.delete(worker);
    const { onEvent } = this.#settings;
    onEvent({ type: 'worker-exited', workerId: worker.id, pid: worker.pid, expected: leave !== undefined });
    const slot = this.#slots[worker.id - 1];
    if (slot !== undefined) this.#follow(slot, worker, leave, exit);
    this.#tellStarted();
    if (this.#alive.size === 0) this.#onEmpty?.();
  }

  /** Says what happened and starts a successor where there is to be one. */
  #follow(slot: Slot, worker: WorkerProcess, leave: Leave | undefined, exit: WorkerExit | undefined): void {
    const { log, onEvent } = this.#settings;
    const wasCurrent = slot.current === worker;
    slot.leave(worker);
    if (leave === undefined && exit?.status === EXIT_NEED_APP && exit.signal === 0) {
      onEvent({ type: 'app-missing' });
      return;
    }
    if (leave === 'replaced' || leave === 'cheaped')
      log.line(`worker ${worker.id} killed successfully (pid: ${worker.pid})`);
    if (leave === 'cheaped') log.line(`uWSGI worker ${worker.id} cheaped.`);
    if (!wasCurrent || this.#stopping || slot.cheaped) return;
    if (leave === undefined) log.line(describeDeath(worker, exit));
    this.#respawn(slot, leave === undefined ? slot.throttle.delayMs(performance.now() - worker.startedAtMs) : 0);
  }

  #respawn(slot: Slot, delayMs: number): void {
    slot.isRespawn = true;
    if (delayMs === 0) {
      this.#spawn(slot);
      return;
    }
    this.#settings.log.line(`worker respawning too fast !!! i have to sleep a bit (${delayMs / 1000} seconds)...`);
    slot.pendingSpawn = setTimeout(() => this.#spawn(slot), delayMs);
  }

  #replaceWhenOld(worker: WorkerProcess): void {
    const ageMs = performance.now() - worker.startedAtMs;
    if (this.#stopping || worker.state !== 'ready' || ageMs < this.#settings.minWorkerLifetimeSeconds * 1000) return;
    this.#settings.log.line(`...The work of process ${worker.pid} is done. Seeya!`);
    this.#replace(worker);
  }

  /** Lets a worker go and starts its successor at once: nobody waits for the last request of the old one. */
  #replace(worker: WorkerProcess): void {
    this.#retire(worker, 'replaced');
    const slot = this.#slots[worker.id - 1];
    if (slot?.current === worker) this.#respawn(slot, 0);
  }

  #tellStarted(): void {
    if (this.#starting.size > 0) return;
    this.#onStarted?.();
    this.#onStarted = undefined;
  }

  // ---- once a second

  #onCheck(): void {
    if (this.#settings.harakiriSeconds > 0) this.#checkHarakiri();
    if (this.#cheaper !== undefined) this.#checkCheaper(this.#cheaper);
  }

  #checkCheaper(algorithm: SpareAlgorithm): void {
    const { threads, processes } = this.#settings;
    const active = this.#slots.filter((slot) => !slot.cheaped);
    const busy = active.filter(({ current }) => current === undefined || current.inFlight >= threads).length;
    const decision = algorithm.decide({ active: active.length, busy, maximum: processes });
    if (decision > 0) {
      for (const slot of this.#slots.filter(({ cheaped }) => cheaped).slice(0, decision)) {
        slot.cheaped = false;
        this.#spawn(slot);
      }
    } else if (decision < 0) {
      const slot = active.find(({ current }) => current?.state === 'ready' && current.inFlight === 0);
      if (slot?.current === undefined) return;
      slot.cheaped = true;
      slot.isRespawn = false;
      this.#retire(slot.current, 'cheaped');
    }
  }

  #checkHarakiri(): void {
    const limitMs = this.#settings.harakiriSeconds * 1000;
    const now = performance.now();
    for (const worker of this.#alive.values()) {
      const lastServedMs = this.#lastServedMs.get(worker) ?? 0;
      const stuck = findStuck(worker.requests, this.#settings.threads, lastServedMs, limitMs, now);
      if (stuck.length > 0) this.#commitHarakiri(worker, stuck, now);
    }
  }

  #commitHarakiri(worker: WorkerProcess, stuck: readonly StuckRequest[], nowMs: number): void {
    const { log, onEvent } = this.#settings;
    log.dated(`*** HARAKIRI ON WORKER ${worker.id} (pid: ${worker.pid}, try: 1) ***`);
    log.dated(`HARAKIRI !!! worker ${worker.id} status !!!`);
    for (const { request, core, sinceMs } of stuck) {
      const { variables } = request.exchange;
      const since = Math.floor((Date.now() - (nowMs - sinceMs)) / 1000);
      const [address, method, uri] = ['REMOTE_ADDR', 'REQUEST_METHOD', 'REQUEST_URI'].map(
        (name) => variables.get(name) ?? '',
      );
      log.dated(`HARAKIRI [core ${core}] ${address} - ${method} ${uri} since ${since}`);
    }
    log.dated(`HARAKIRI !!! end of worker ${worker.id} status !!!`);
    onEvent({ type: 'harakiri', workerId: worker.id, pid: worker.pid });
    this.#dispatcher.remove(worker);
    signalProcess(worker.pid, 'SIGUSR2'); // faulthandler writes the Python stacks
    setTimeout(() => worker.kill(), STACK_DUMP_MS);
  }
}

function describeDeath(worker: WorkerProcess, exit: WorkerExit | undefined): string {
  const how = exit !== undefined && exit.signal > 0 ? `, killed by signal ${exit.signal}` : '';
  return `DAMN ! worker ${worker.id} (pid: ${worker.pid}) died${how} :( trying respawn ...`;
}
