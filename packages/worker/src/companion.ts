import type { Buffer } from 'node:buffer';

import { createSocketPair } from '@emperor/posix';
import type { Transport } from '@emperor/transport';

import { RespawnThrottle } from './respawn-throttle.ts';
import { WorkerChannel, type WorkerChannelHandler } from './worker-channel.ts';
import { signalProcess } from './signal-process.ts';
import type { ForkOrder, WorkerCall, WorkerNote } from './zygote-messages.ts';
import type { WorkerExit, ZygoteKeeper } from './zygote-keeper.ts';

/** How long the second half of the news of an end may take: the channel's, or the zygote's. */
const OTHER_HALF_MS = 30;

export interface CompanionSettings {
  readonly role: 'mule' | 'spooler';
  /** From 1, among those of its role. */
  readonly number: number;
  /** Names of groups it belongs to. */
  readonly groups: readonly string[];
  /** It waits for messages and signals whenever it has nothing to do. */
  readonly obeysSignals: boolean;
  /** What its Python side needs to know (JSON). */
  readonly task: object;
  /** Its pid is known. */
  readonly onSpawned: (pid: number, isRespawn: boolean) => void;
  /** It ended without having been asked to; another one is on its way. `exit` is undefined when nobody knows how. */
  readonly onDied: (pid: number, exit: WorkerExit | undefined) => void;
  /** It has begun something that must not take for ever; an empty text: it has finished. `done` is what has ended since the last news. */
  readonly onBusy?: (task: string, done: number) => void;
  /** It has run the job it was sent. */
  readonly onRan?: (result: number | undefined, problem: string) => void;
  /** The app asked for it in this process. */
  readonly onRequest: (what: 'reload' | 'stop') => void;
  /** Answers functions of the uwsgi module. */
  readonly onCall: (name: string, args: readonly unknown[]) => unknown;
  /** The same where nobody waits for the answer. */
  readonly onTell: (name: string, args: readonly unknown[]) => void;
}

/** What a companion is started with. */
export interface CompanionSurroundings {
  readonly keeper: ZygoteKeeper;
  readonly transport: Transport;
  /** Registers a process under a number that no other one of the zygote has. */
  readonly enlist: (companion: Companion) => number;
  readonly dismiss: (serial: number) => void;
}

/**
 * A process beside the workers that the zygote forks and that is replaced when it dies: a mule, a spooler.
 *
 *     stopped --start--> running --ends--> (throttle) --> running
 *                           `--stop--> stopping --ends--> stopped
 */
export class Companion implements WorkerChannelHandler {
  pid = 0;
  /** It does something that others may have to wait for. */
  isBusy = false;
  readonly #settings: CompanionSettings;
  readonly #surroundings: CompanionSurroundings;
  readonly #throttle = new RespawnThrottle();
  #channel: WorkerChannel | undefined;
  #serial = 0;
  #startedAtMs = 0;
  #starts = 0;
  #exit: WorkerExit | undefined;
  #isAsked = false;
  #pendingStart: NodeJS.Timeout | undefined;
  #stopping: PromiseWithResolvers<void> | undefined;

  constructor(settings: CompanionSettings, surroundings: CompanionSurroundings) {
    this.#settings = settings;
    this.#surroundings = surroundings;
  }

  start(): void {
    if (this.#stopping !== undefined || this.#channel !== undefined) return;
    const { keeper, transport, enlist } = this.#surroundings;
    const [ours, theirs] = createSocketPair();
    this.#serial = enlist(this);
    this.#startedAtMs = performance.now();
    this.#starts++;
    this.#isAsked = false;
    this.#exit = undefined;
    this.pid = 0;
    this.isBusy = false;
    this.#channel = new WorkerChannel(ours, transport, this);
    const { role, task } = this.#settings;
    keeper.fork({ type: 'fork', serial: this.#serial, role, task } satisfies ForkOrder, theirs);
  }

  get role(): CompanionSettings['role'] {
    return this.#settings.role;
  }

  get number(): number {
    return this.#settings.number;
  }

  get groups(): readonly string[] {
    return this.#settings.groups;
  }

  get obeysSignals(): boolean {
    return this.#settings.obeysSignals;
  }

  /** How often it had to be started again. */
  get respawns(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** Has the app's function for a signal called, when the process has time for it. */
  raise(signal: number): void {
    this.#channel?.signal(signal);
  }

  mail(flags: number, bytes: Buffer): void {
    this.#channel?.mail(flags, bytes);
  }

  /** It ends after what it does now, and another one follows. By force when it takes longer than `graceMs`. */
  recycle(graceMs: number): void {
    if (this.#channel === undefined) return;
    this.#isAsked = true;
    this.#channel.stop();
    const { pid } = this;
    setTimeout(() => this.pid === pid && this.kill(), graceMs).unref();
  }

  /** It ends after what it does now, by force when that takes longer than `graceMs`. */
  stop(graceMs: number): Promise<void> {
    clearTimeout(this.#pendingStart);
    if (this.#channel === undefined) return Promise.resolve();
    if (this.#stopping === undefined) {
      this.#stopping = Promise.withResolvers();
      this.#channel.stop();
    }
    const force = setTimeout(() => this.kill(), graceMs);
    return this.#stopping.promise.finally(() => clearTimeout(force));
  }

  /** Ends it at once. */
  kill(): void {
    if (this.pid > 0) signalProcess(this.pid, 'SIGKILL');
    else this.#channel?.destroy();
  }

  // ---- from the zygote

  onForked(pid: number): void {
    this.#announce(pid);
  }

  onNotForked(): void {
    this.#channel?.destroy();
  }

  onExited(exit: WorkerExit): void {
    this.#exit = exit;
    const channel = this.#channel;
    // Its last words may still be on their way.
    setTimeout(() => channel?.destroy(), OTHER_HALF_MS);
  }

  // ---- from the process

  onCall({ id, name, args }: WorkerCall): void {
    const channel = this.#channel;
    new Promise((resolve) => resolve(this.#settings.onCall(name, args))).then(
      (value) => channel?.reply({ id, value: value ?? null }),
      (error: unknown) => channel?.reply({ id, error: error instanceof Error ? error.message : String(error) }),
    );
  }

  onNote(note: WorkerNote): void {
    switch (note.type) {
      case 'ready':
        this.#announce(note.pid);
        break;
      case 'busy':
        this.isBusy = note.task !== '';
        this.#settings.onBusy?.(note.task, note.done ?? 0);
        break;
      case 'ran':
        this.isBusy = false;
        this.#settings.onRan?.(note.result ?? undefined, note.problem);
        break;
      case 'tell':
        this.#settings.onTell(note.name, note.args);
        break;
      case 'leave':
        this.#isAsked = true;
        this.#channel?.stop();
        break;
      case 'reload':
      case 'stop':
        this.#settings.onRequest(note.type);
        break;
      default:
      // The rest is about requests, which it has none of.
    }
  }

  onBroken(): void {
    this.kill();
  }

  onClose(): void {
    if (this.#exit !== undefined || !this.#surroundings.keeper.watches) this.#bury();
    else setTimeout(() => this.#bury(), OTHER_HALF_MS);
  }

  /** It runs no requests. */
  onAnswer(): void {}
  onPull(): void {}
  onAbort(): void {}
  onRing(): void {}

  onReturn(): void {}
  onMessage(): void {}

  #announce(pid: number): void {
    if (this.pid !== 0) return;
    this.pid = pid;
    this.#settings.onSpawned(pid, this.#starts > 1);
  }

  #bury(): void {
    const { pid } = this;
    this.#surroundings.dismiss(this.#serial);
    this.#channel = undefined;
    this.pid = 0;
    if (this.#stopping !== undefined) {
      this.#stopping.resolve();
      return;
    }
    if (this.#isAsked) {
      this.start();
      return;
    }
    this.#settings.onDied(pid, this.#exit);
    const delayMs = this.#throttle.delayMs(performance.now() - this.#startedAtMs);
    this.#pendingStart = setTimeout(() => this.start(), delayMs);
  }
}
