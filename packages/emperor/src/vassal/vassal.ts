import { createHash, randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { EmperorByte } from '@emperor/protocol';

import { AdoptedVassal } from '../adoption/adopted-vassal.ts';
import { startTimeOf } from '../adoption/process-identity.ts';
import type { VassalPlaces } from '../adoption/vassal-places.ts';
import type { VassalRecord } from '../adoption/vassal-record.ts';
import { reportsOf, type EmperorEventListener, type VassalReport } from '../events.ts';
import type { VassalFile } from '../monitor/vassal-file.ts';
import { launchVassal } from './child-vassal.ts';
import type { ConnectionWatch } from '../on-demand/connection-watch.ts';
import { HeldSocket } from '../on-demand/held-socket.ts';
import type { SocketWish } from '../on-demand/socket-wish.ts';
import { LineTail } from './line-tail.ts';
import type { VassalLaunch } from './vassal-launch.ts';
import type { OutputListener } from './vassal-output.ts';
import type { VassalProcess, VassalProcessListener } from './vassal-process.ts';
import { VassalHistory, type VassalMoments } from './vassal-history.ts';
import { ProcessorUse } from './processor-use.ts';
import type { Starter, StartQueue } from './start-queue.ts';
import type { VassalAction, VassalEvent } from './vassal-event.ts';
import { adoptedVassal, deadlineOf, FAILING_FROM, newVassal, step } from './vassal-state.ts';
import type { VassalPolicy, VassalState } from './vassal-steps.ts';

/** What every vassal of an emperor shares. */
export interface VassalSurroundings {
  readonly policy: VassalPolicy;
  readonly startQueue: StartQueue;
  /** How to run it; `id` is unique in the machine and over time. */
  readonly launch: (file: VassalFile, id: string, socket: HeldSocket | undefined) => VassalLaunch;
  readonly connections: () => ConnectionWatch;
  readonly places: VassalPlaces;
  readonly report: EmperorEventListener;
  /** It is gone for good. */
  readonly onRemoved: (vassal: Vassal) => void;
}

/** How long the first scan waits for those that are adopted: until it is known how they are, an edit is no reason to restart them. */
const ADOPTION_PATIENCE_MS = 1000;

/** What a vassal grows from. */
export interface VassalSeed {
  readonly file: VassalFile;
  /** The socket that is to be held for it. */
  readonly wish: SocketWish | undefined;
}

/** Lines of output kept for those who ask why. */
const TAIL_LINES = 50;

/** Of them those that a log entry repeats. */
const TOLD_LINES = 10;

/** One supervised file: carries out what the state machine decides, and tells it what happens. */
export class Vassal {
  readonly #surroundings: VassalSurroundings;
  readonly #tail = new LineTail(TAIL_LINES);
  readonly #history = new VassalHistory();
  #file: VassalFile;
  #state: VassalState;
  #process: VassalProcess | undefined;
  #id = '';
  /** Of the present process. */
  #record: VassalRecord | undefined;
  #wish: SocketWish | undefined;
  #socket: HeldSocket | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor({ file, wish }: VassalSeed, state: VassalState, surroundings: VassalSurroundings) {
    this.#file = file;
    this.#wish = wish;
    this.#state = state;
    this.#surroundings = surroundings;
  }

  /** For a file that has just been found. */
  static create(seed: VassalSeed, surroundings: VassalSurroundings): Vassal {
    const { state, actions } = newVassal(now(), seed.wish?.onDemand === true);
    const vassal = new Vassal(seed, state, surroundings);
    vassal.#obey(actions);
    return vassal;
  }

  /** For a process that a former emperor started. Ends when it has told how it is, or has had its time to. */
  static async adopt(
    record: VassalRecord,
    wish: SocketWish | undefined,
    surroundings: VassalSurroundings,
  ): Promise<Vassal> {
    const state = adoptedVassal(now(), { ...record, onDemand: wish?.onDemand === true });
    const vassal = new Vassal({ file: record.file, wish }, state, surroundings);
    await vassal.#adopt(record);
    return vassal;
  }

  get name(): string {
    return this.#file.name;
  }

  get file(): VassalFile {
    return this.#file;
  }

  get state(): VassalState {
    return this.#state;
  }

  /** Of the present process; empty before the first. */
  get id(): string {
    return this.#id;
  }

  /** It goes on when the emperor is gone. */
  get outlives(): boolean {
    return this.#record?.outlives === true;
  }

  get moments(): VassalMoments {
    return this.#history.moments;
  }

  /** Its file is gone, its process is not yet. */
  get isEnding(): boolean {
    const { phase } = this.#state;
    return phase.name === 'stopping' && phase.after === 'removal';
  }

  get lastLines(): readonly string[] {
    return this.#tail.lines;
  }

  /** What it wrote since it was last started or asked to reload. */
  get linesOfLastTry(): readonly string[] {
    return this.#tail.linesSinceMark;
  }

  /** Address of the socket that is held for it. */
  get socketAddress(): string | undefined {
    return this.#wish?.address;
  }

  /** Its file is another one now, or the same touched. */
  fileChanged({ file, wish }: VassalSeed): void {
    const isOthers = !isDeepStrictEqual(file.owner, this.#file.owner);
    this.#file = file;
    if (isOthers) this.#report({ type: 'vassal-owner-changed', vassal: this.name, ...file.owner });
    if (isOthers && this.#wishes(wish)) this.happen({ type: 'restart' });
    else if (this.#wishes(wish)) {
      if (this.#state.phase.name === 'waiting') this.#report({ type: 'vassal-updated', vassal: this.name });
      this.happen({ type: 'file-changed' });
    } else this.#resocket(wish);
    if (this.#record !== undefined) this.#remember({ ...this.#record, file });
  }

  /** Its file is back before the former process has ended. */
  fileReturned({ file, wish }: VassalSeed): void {
    this.#file = file;
    if (!this.#wishes(wish)) this.#resocket(wish);
    this.happen({ type: 'file-returned' });
  }

  /** Nothing more is done about it: it goes on, and a later emperor will find it. */
  leave(): void {
    clearTimeout(this.#timer);
  }

  happen(event: VassalEvent): void {
    const { policy, onRemoved } = this.#surroundings;
    const previous = this.#state;
    const moment = now();
    const next = step(previous, event, { now: moment, random: Math.random(), policy });
    this.#state = next.state;
    for (const each of reportsOf(this.name, previous, event, next, moment)) this.#report(each);
    if (event.type === 'said' && event.word === 'heartbeat') this.#history.heartbeat(Date.now());
    this.#awaitDeadline();
    if (next.state.phase.name !== 'starting') this.#surroundings.startQueue.settle(this.name);
    this.#obey(next.actions);
    const { name } = next.state.phase;
    if (name === 'removed' || name === 'stopped') this.#closeSocket();
    if (name === 'removed') onRemoved(this);
  }

  #report(report: VassalReport): void {
    this.#history.note(report, Date.now());
    this.#surroundings.report(report);
    if (report.type !== 'vassal-exited' || report.failures !== FAILING_FROM) return;
    const { exit, failures, retryMs = 0 } = report;
    const lastLines = this.linesOfLastTry.slice(-TOLD_LINES);
    this.#surroundings.report({ type: 'vassal-failing', vassal: this.name, exit, failures, retryMs, lastLines });
  }

  #obey(actions: readonly VassalAction[]): void {
    for (const action of actions) this.#perform(action);
  }

  #perform(action: VassalAction): void {
    switch (action) {
      case 'enqueue':
        return this.#surroundings.startQueue.enqueue(this.name, () => this.#launch());
      case 'dequeue':
        return this.#surroundings.startQueue.dequeue(this.name);
      case 'await-connection':
        return this.#awaitConnection();
      case 'ignore-connections':
        return this.#ignoreConnections();
      case 'send-reload':
        this.#tail.mark();
        return this.#process?.send(EmperorByte.reload);
      case 'send-stop':
        return this.#process?.send(EmperorByte.stop);
      case 'send-graceful-stop':
        return this.#process?.send(EmperorByte.gracefulStop);
      case 'terminate':
        return this.#process?.terminate();
      case 'kill':
        return this.#process?.kill();
      default:
        return action satisfies never;
    }
  }

  /** Returns whom the queue may look at while it starts. */
  #launch(): Starter | undefined {
    this.#id = processId(this.#file.path);
    this.#tail.mark();
    const socket = this.#openSocket();
    if (socket === 'failed') return undefined;
    const launch = this.#surroundings.launch(this.#file, this.#id, socket);
    if (!this.#makePlace(launch)) return undefined;
    if (launch.user !== undefined) {
      this.#report({ type: 'vassal-privileges-dropped', vassal: this.name, ...launch.user });
    }
    const launched = launchVassal(launch, this.#listener());
    if (launched === undefined) return undefined;
    this.#process = launched;
    this.happen({ type: 'launched', pid: launched.pid });
    this.#remember(this.#recordOf(launched.pid, launch));
    return new ProcessorUse(launched.pid);
  }

  #awaitConnection(): void {
    const socket = this.#openSocket();
    if (socket === 'failed' || socket === undefined) return;
    const { address } = socket;
    this.#surroundings.connections().watch(socket.descriptor, () => this.happen({ type: 'connection' }));
    this.#report({ type: 'vassal-waiting', vassal: this.name, address, isFirst: this.#state.launches === 0 });
  }

  #ignoreConnections(): void {
    if (this.#socket !== undefined) this.#surroundings.connections().forget(this.#socket.descriptor);
  }

  /** The socket it is to have, if any. A failure is one of the vassal's, to be tried again like any other. */
  #openSocket(): HeldSocket | 'failed' | undefined {
    if (this.#wish === undefined || this.#socket !== undefined) return this.#socket;
    try {
      this.#socket = HeldSocket.open(this.#wish.address);
      return this.#socket;
    } catch (error) {
      this.happen({ type: 'exited', exit: { kind: 'launch-failed', problem: (error as Error).message } });
      return 'failed';
    }
  }

  #wishes(wish: SocketWish | undefined): boolean {
    return isDeepStrictEqual(wish, this.#wish);
  }

  #resocket(wish: SocketWish | undefined): void {
    this.#closeSocket();
    this.#wish = wish;
    this.happen({ type: 'socket-changed', onDemand: wish?.onDemand === true });
  }

  #closeSocket(): void {
    if (this.#socket === undefined) return;
    if (this.#state.phase.name === 'waiting') this.#ignoreConnections();
    this.#socket.close();
    this.#socket = undefined;
  }

  async #adopt(record: VassalRecord): Promise<void> {
    this.#id = record.id;
    this.#record = record;
    const adopted = new AdoptedVassal(record, this.#surroundings.places.socketOf(record.id), this.#listener());
    this.#process = adopted;
    this.#history.adopted(record.launchedAt);
    this.#report({ type: 'vassal-adopted', vassal: this.name, pid: record.pid });
    await withinPatience(adopted.answered);
    const launch = this.#surroundings.launch(this.#file, record.id, undefined);
    if (!isDeepStrictEqual(launch.arguments, record.arguments)) this.happen({ type: 'restart' });
  }

  #listener(): VassalProcessListener {
    return {
      onWord: (word) => this.happen({ type: 'said', word }),
      onBabble: () => this.#babbled(),
      onExit: (exit) => {
        this.#process = undefined;
        this.#record = undefined;
        this.#surroundings.places.remove(this.#id);
        this.happen({ type: 'exited', exit });
      },
      stdout: this.#outputListener('stdout'),
      stderr: this.#outputListener('stderr'),
    };
  }

  /** A full or broken file system is a failure of the vassal's, to be tried again. */
  #makePlace({ user }: VassalLaunch): boolean {
    try {
      this.#surroundings.places.make(this.#id, user);
      return true;
    } catch (error) {
      const problem = `could not make a place in the runtime directory: ${(error as Error).message}`;
      this.happen({ type: 'exited', exit: { kind: 'launch-failed', problem } });
      return false;
    }
  }

  #recordOf(pid: number, { arguments: words, outlives }: VassalLaunch): VassalRecord {
    return {
      id: this.#id,
      pid,
      startTime: startTimeOf(pid) ?? '',
      outlives,
      launchedAt: Date.now(),
      launches: this.#state.launches,
      arguments: words,
      file: this.#file,
    };
  }

  #remember(record: VassalRecord): void {
    this.#record = record;
    try {
      this.#surroundings.places.remember(record);
    } catch (error) {
      this.#report({ type: 'vassal-unrecorded', vassal: this.name, problem: (error as Error).message });
    }
  }

  #outputListener(stream: 'stdout' | 'stderr'): OutputListener {
    const { report } = this.#surroundings;
    return {
      onLine: (line) => {
        this.#tail.push(line);
        report({ type: 'vassal-output', vassal: this.name, stream, line });
      },
      onDropped: (lines) => report({ type: 'vassal-output-dropped', vassal: this.name, lines }),
    };
  }

  #babbled(): void {
    const pid = this.#process?.pid;
    if (pid !== undefined) this.#surroundings.report({ type: 'vassal-babbling', vassal: this.name, pid });
  }

  #awaitDeadline(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const due = deadlineOf(this.#state, this.#surroundings.policy);
    if (due === undefined) return;
    this.#timer = setTimeout(() => this.happen({ type: 'deadline' }), Math.max(0, Math.ceil(due - now())));
  }
}

/** Unique over the launches of a file, so that a process that ends late cannot remove its successor's socket. */
function processId(path: string): string {
  return `${createHash('sha256').update(path).digest('hex').slice(0, 12)}-${randomBytes(2).toString('hex')}`;
}

async function withinPatience(answer: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => (timer = setTimeout(resolve, ADOPTION_PATIENCE_MS)));
  await Promise.race([answer, patience]);
  clearTimeout(timer);
}

/** Milliseconds since the process started; unlike the clock of the machine it never jumps. */
function now(): number {
  return performance.now();
}
