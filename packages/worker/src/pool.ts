import { createSocketPair } from '@emperor/posix';

import { Announcements } from './announcements.ts';
import type { AppRequest } from './app-request.ts';
import { Closing } from './closing.ts';
import type { Dispatcher } from './dispatcher.ts';
import { Endings } from './endings.ts';
import { isSpent } from './lifetime.ts';
import { LoadedApps } from './loaded-apps.ts';
import { ModuleAnswers } from './module-answers.ts';
import { type OverseenPool, Overseer } from './overseer.ts';
import type { ProgressBoard } from './progress-board.ts';
import { Readiness } from './readiness.ts';
import { triage } from './rescue.ts';
import type { PoolSettings } from './settings.ts';
import { chooseWorkers, type SignalTarget } from './signal-target.ts';
import { Slot } from './slot.ts';
import { SlotReserve } from './slot-reserve.ts';
import { Succession } from './succession.ts';
import type { WorkerInfo } from './worker-info.ts';
import type { WorkerOwner } from './worker-owner.ts';
import { type LeaveReason, WorkerProcess } from './worker-process.ts';
import type { WorkerExit, ZygoteKeeper } from './zygote-keeper.ts';
import type { WorkerNews, WorkerTask } from './zygote-messages.ts';

const CHEAP_MODE = 'cheap mode enabled: waiting for socket connection...';

/** The workers of one app: starts them, replaces those that end, rescues their requests. */
export class Pool implements WorkerOwner, OverseenPool {
  readonly slots: readonly Slot[];
  readonly apps: LoadedApps;
  readonly answers: ModuleAnswers;
  readonly #settings: PoolSettings;
  readonly #dispatcher: Dispatcher;
  readonly #keeper: ZygoteKeeper;
  readonly #board: ProgressBoard;
  readonly #overseer: Overseer;
  readonly #endings: Endings = new Endings((worker, exit) => this.#bury(worker, exit));
  readonly #alive = new Map<number, WorkerProcess>();
  readonly #announcements: Announcements;
  readonly #readiness = new Readiness();
  readonly #reserve: SlotReserve;
  readonly #succession: Succession;
  #lastSerial = 0;
  #accepting = false;
  /** Set when it is stopped. */
  #closing: Closing | undefined;

  constructor(settings: PoolSettings, dispatcher: Dispatcher, keeper: ZygoteKeeper, board: ProgressBoard) {
    this.#settings = settings;
    this.#dispatcher = dispatcher;
    this.#keeper = keeper;
    this.#board = board;
    this.#announcements = new Announcements({
      ...settings,
      hasCompany: settings.hasMaster !== false || settings.processes > 1,
    });
    this.apps = new LoadedApps(this.#announcements, settings.log);
    this.answers = new ModuleAnswers(
      {
        workers: () => this.describe(),
        totalRequests: () => this.slots.reduce((sum, { work }) => sum + work.requests, 0),
        queueLength: () => dispatcher.queue.length,
      },
      settings,
    );
    const initial = settings.cheaper?.initial ?? settings.processes;
    const hibernating = settings.startsCheap === true;
    const started = hibernating ? 0 : initial;
    this.slots = Array.from(
      { length: settings.processes },
      (_, index) => new Slot(index + 1, index >= started, settings.forkbombDelaySeconds),
    );
    const spawn = (slot: Slot): void => this.#spawn(slot);
    this.#succession = new Succession(settings, spawn);
    this.#reserve = new SlotReserve(this.slots, { initial, hibernating }, spawn, (worker, reason) =>
      this.#retire(worker, reason),
    );
    dispatcher.onStarved = () => this.wakeUp();
    this.#overseer = new Overseer(settings, this, dispatcher, board);
  }

  get workers(): Iterable<WorkerProcess> {
    return this.#alive.values();
  }

  describe(): WorkerInfo[] {
    const { threads } = this.#settings;
    const facts = { threads, apps: this.apps.all, isPaused: this.#dispatcher.isPaused };
    return this.slots.map((slot) => slot.describe(facts));
  }

  /** Starts the first workers. Resolves when each has become ready or has died. */
  start(): Promise<void> {
    this.#overseer.start();
    if (this.#settings.startsCheap === true) this.#settings.log.line(CHEAP_MODE);
    for (const slot of this.slots) if (!slot.cheaped) this.#spawn(slot);
    return this.#readiness.ofAll();
  }

  /**
   * Ends all workers: each after what it was sent; those that still work when the time is over by force.
   * @param announced whether a line is printed for each, as uWSGI does when it reloads
   */
  async stop(graceMs: number, announced: boolean): Promise<void> {
    const closing = new Closing(this.#alive);
    this.#closing = closing;
    this.#overseer.stop();
    for (const slot of this.slots) clearTimeout(slot.pendingSpawn);
    for (const worker of this.#alive.values()) {
      if (announced) this.#settings.log.line(`Gracefully killing worker ${worker.id} (pid: ${worker.pid})...`);
      this.#retire(worker, 'stopped');
    }
    await closing.wait(graceMs);
  }

  // ---- number of workers

  /** Starts workers that are not wanted so far. */
  add(count: number): void {
    this.#reserve.add(count);
  }

  /** Lets a worker go: the first idle one, as in uWSGI. */
  cheap(): void {
    this.#reserve.cheap();
  }

  /**
   * Lets a worker go and starts its successor at once: nobody waits for the last request of the old one.
   * Resolves when the successor is ready, or has died.
   */
  replace(worker: WorkerProcess): Promise<void> {
    if (this.#closing !== undefined || worker.state !== 'ready') return Promise.resolve();
    this.#retire(worker, 'replaced');
    const slot = this.slots[worker.id - 1];
    if (slot?.current !== worker) return Promise.resolve();
    this.#succession.fill(slot, 0);
    return this.#readiness.of(slot.current);
  }

  settled(worker: WorkerProcess): Promise<void> {
    return this.#readiness.of(worker);
  }

  /** Lets all workers go; the next request brings them back (`cheap`, `idle`). */
  hibernate(): void {
    this.#settings.log.line(CHEAP_MODE);
    this.#reserve.hibernate();
  }

  /** Something is to be done and there may be no worker. */
  wakeUp(): void {
    if (this.#closing === undefined) this.#reserve.wakeUp();
  }

  // ---- from the workers

  onReady(worker: WorkerProcess): void {
    this.#announcements.known(worker);
    if (!this.#accepting) {
      this.#accepting = true;
      this.#settings.onEvent({ type: 'accepting' });
    }
    this.#settings.onEvent({ type: 'worker-ready', workerId: worker.id, pid: worker.pid });
    if (worker.state === 'ready') this.#dispatcher.add(worker);
    this.#readiness.settle(worker);
  }

  onServed(worker: WorkerProcess, serviceUs: number): void {
    this.#dispatcher.served(serviceUs);
    if (this.#settings.maxRequests > 0 && worker.state === 'ready') this.#replaceWhenSpent(worker);
  }

  onFailed(): void {
    this.#settings.figures.exceptions++;
  }

  onReturned(_worker: WorkerProcess, requests: readonly AppRequest[]): void {
    this.#dispatcher.giveBack(requests);
  }

  onNote(worker: WorkerProcess, note: WorkerNews): void {
    const { onEvent } = this.#settings;
    switch (note.type) {
      case 'leave':
        void this.replace(worker);
        break;
      case 'reload':
        onEvent({ type: 'reload-requested' });
        break;
      case 'stop':
        onEvent({ type: 'stop-requested' });
        break;
      case 'apps':
        this.apps.loadedAll(worker, note);
        break;
      case 'app':
        this.apps.loadedOne(note);
        break;
      default:
        note satisfies never;
    }
  }

  async onCall(worker: WorkerProcess, name: string, args: readonly unknown[]): Promise<unknown> {
    if (name !== 'websocket_handshake') return this.answers.answer(worker.id, name, args);
    const [stream, core, app, head] = args as [number, number, number, readonly string[]];
    worker.openWebSocket(stream, { core, app }, head, this.#settings.webSocket);
    return undefined;
  }

  onTell(worker: WorkerProcess, name: string, args: readonly unknown[]): void {
    this.answers.tell(worker.id, name, args);
  }

  /** @see AppServer.raise */
  raise(signal: number, target: SignalTarget): number {
    const ready = [...this.#alive.values()].filter(({ state }) => state === 'ready');
    const chosen = chooseWorkers(ready, target);
    for (const worker of chosen) worker.raise(signal);
    if (chosen.length === 0) this.wakeUp();
    return chosen.length;
  }

  onBroken(worker: WorkerProcess, error: Error): void {
    this.#settings.log.line(`worker ${worker.id} (pid: ${worker.pid}) talks nonsense and is killed: ${error.message}`);
    worker.kill();
  }

  onClosed(worker: WorkerProcess, unanswered: readonly AppRequest[]): void {
    this.#dispatcher.remove(worker);
    this.#announcements.drop(worker);
    this.#readiness.settle(worker);
    const { repeatable, lost } = triage(unanswered, this.#board.read(worker.identity.board), this.#settings.threads);
    this.#board.giveBack(worker.identity.board);
    for (const request of lost) {
      request.worker = undefined;
      request.cutShort('its worker died');
    }
    this.#dispatcher.giveBack(repeatable);
    this.#endings.channelClosed(worker, this.#keeper.watches);
  }

  // ---- from the zygote

  onForked(serial: number, pid: number): void {
    const worker = this.#alive.get(serial);
    if (worker === undefined) return;
    worker.pid = pid;
    this.#announcements.known(worker);
  }

  onNotForked(serial: number, reason: string): void {
    this.#settings.log.line(`cannot fork a worker: ${reason}`);
    this.#alive.get(serial)?.disconnect();
  }

  onExited(exit: WorkerExit): void {
    this.#endings.reported(exit, this.#alive.get(exit.serial));
  }

  // ---- starting and ending

  #spawn(slot: Slot): void {
    const [ours, theirs] = createSocketPair();
    const serial = ++this.#lastSerial;
    const board = this.#board.take();
    const identity = { id: slot.id, serial, board, startedAtMs: performance.now(), predecessor: slot.counters };
    const worker = new WorkerProcess(identity, ours, this.#settings.transport, this);
    slot.occupy(worker);
    this.#alive.set(serial, worker);
    this.#announcements.expect(worker, slot.isRespawn);
    this.#readiness.add(worker);
    this.#keeper.fork(
      { type: 'fork', serial, role: 'worker', task: { worker: slot.id, board } satisfies WorkerTask },
      theirs,
    );
  }

  #retire(worker: WorkerProcess, reason: LeaveReason): void {
    this.#dispatcher.remove(worker);
    worker.retire(reason);
    if (reason !== 'stopped') setTimeout(() => worker.kill(), this.#settings.workerReloadMercySeconds * 1000).unref();
  }

  #replaceWhenSpent(worker: WorkerProcess): void {
    const ageSeconds = (performance.now() - worker.identity.startedAtMs) / 1000;
    if (
      this.#closing !== undefined ||
      !isSpent(this.#settings, { id: worker.id, requests: worker.dispatched, ageSeconds })
    )
      return;
    this.#settings.log.line(`...The work of process ${worker.pid} is done. Seeya!`);
    void this.replace(worker);
  }

  #bury(worker: WorkerProcess, exit: WorkerExit | undefined): void {
    this.#alive.delete(worker.identity.serial);
    const { leaveReason } = worker;
    const { onEvent } = this.#settings;
    onEvent({ type: 'worker-exited', workerId: worker.id, pid: worker.pid, expected: leaveReason !== undefined });
    const slot = this.slots[worker.id - 1];
    const wasCurrent = slot?.current === worker;
    slot?.leave(worker);
    if (leaveReason !== undefined) this.#succession.left(worker, leaveReason, this.#closing?.lastedMs ?? 0);
    else if (slot !== undefined && wasCurrent) this.#succession.died(slot, worker, exit, this.#closing !== undefined);
    this.#closing?.left();
  }
}
