import { isDeepStrictEqual } from 'node:util';

import type { VassalRecord } from '../adoption/vassal-record.ts';
import { reportsOf } from '../events.ts';
import type { VassalFile } from '../monitor/vassal-file.ts';
import type { SocketWish } from '../on-demand/socket-wish.ts';
import { VassalJournal } from './vassal-journal.ts';
import { isLive, isServing } from './vassal-phase.ts';
import { VassalMeans } from './vassal-means.ts';
import type { VassalSeed } from './vassal-seed.ts';
import type { VassalMoments } from './vassal-history.ts';
import type { VassalAction, VassalEvent } from './vassal-event.ts';
import { adoptedVassal, newVassal, stoppedVassal } from './vassal-beginnings.ts';
import { deadlineOf } from './vassal-deadline.ts';
import { VassalRunner } from './vassal-runner.ts';
import { step } from './vassal-state.ts';
import type { VassalState } from './vassal-steps.ts';
import type { VassalSurroundings } from './vassal-surroundings.ts';

/** One supervised file: carries out what the state machine decides, and tells it what happens. */
export class Vassal {
  readonly #surroundings: VassalSurroundings;
  readonly #journal: VassalJournal;
  readonly #means: VassalMeans;
  readonly #runner: VassalRunner;
  /** Time of its file when it was found, in Unix milliseconds: uWSGI's `born`. */
  readonly bornMs: number;
  #file: VassalFile;
  #after: readonly string[];
  #state: VassalState;
  #timer: NodeJS.Timeout | undefined;

  private constructor(seed: VassalSeed, state: VassalState, surroundings: VassalSurroundings) {
    this.#file = seed.file;
    this.bornMs = seed.file.fingerprint.mtimeMs;
    this.#after = seed.after;
    this.#state = state;
    this.#surroundings = surroundings;
    this.#journal = new VassalJournal(surroundings.report);
    this.#means = new VassalMeans(seed, surroundings, this.#journal);
    this.#runner = new VassalRunner({
      means: this.#means,
      journal: this.#journal,
      surroundings,
      file: () => this.#file,
      happen: (event) => this.happen(event),
    });
  }

  /** For a file that has just been found. */
  static create(seed: VassalSeed, surroundings: VassalSurroundings): Vassal {
    const isStopped = surroundings.places.stopped.has(seed.file.path);
    const { state, actions } = (isStopped ? stoppedVassal : newVassal)(now(), seed.wish?.onDemand === true);
    const vassal = new Vassal(seed, state, surroundings);
    surroundings.onCreated(vassal);
    vassal.#obey(actions);
    return vassal;
  }

  /** For a process that a former emperor started. Ends when it has told how it is, or has had its time to. */
  static async adopt(record: VassalRecord, seed: VassalSeed, surroundings: VassalSurroundings): Promise<Vassal> {
    const state = adoptedVassal(now(), { ...record, onDemand: seed.wish?.onDemand === true });
    const vassal = new Vassal(seed, state, surroundings);
    surroundings.onCreated(vassal);
    await vassal.#runner.adopt(record);
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
    return this.#means.traces.id;
  }

  /** It goes on when the emperor is gone. */
  get outlives(): boolean {
    return this.#means.traces.outlives;
  }

  /** Names of those it wants to be up before it starts, as its file has them. */
  get after(): readonly string[] {
    return this.#after;
  }

  /** Who waits for it need not wait any longer. A real uWSGI's router never says more than that it is spawned. */
  get isUp(): boolean {
    const { phase } = this.#state;
    return isServing(phase) && (phase.name !== 'spawned' || !this.outlives);
  }

  /** Of those it wants to be up, the ones that are not. */
  get heldBackBy(): readonly string[] {
    return this.#surroundings.heldBackBy(this);
  }

  /** Of its processes, those that the kernel killed because they needed more memory than it may have. */
  get outOfMemoryKills(): number {
    return this.#means.limits.kills;
  }

  get moments(): VassalMoments {
    return this.#journal.moments;
  }

  /** Its file is gone, its process is not yet. */
  get isEnding(): boolean {
    const { phase } = this.#state;
    return phase.name === 'stopping' && phase.after === 'removal';
  }

  get lastLines(): readonly string[] {
    return this.#journal.lastLines;
  }

  /** What it wrote since it was last started or asked to reload. */
  get linesOfLastTry(): readonly string[] {
    return this.#journal.linesOfLastTry;
  }

  /** The same of the try before that. */
  get linesOfTryBefore(): readonly string[] {
    return this.#journal.linesOfTryBefore;
  }

  /** Address of the socket that is held for it. */
  get socketAddress(): string | undefined {
    return this.#means.socket.address;
  }

  /** What all its processes together may have, in bytes; undefined when nobody watches over that. */
  get memoryLimitBytes(): number | undefined {
    return this.#means.limits.memoryBytes;
  }

  /** Its file is another one now, or the same touched. */
  fileChanged(seed: VassalSeed): void {
    const { file, wish } = seed;
    const by = isTouched(this.#file, file) ? 'touch' : 'edit';
    const isOthers = !isDeepStrictEqual(file.owner, this.#file.owner);
    const isLimitedOtherwise = !this.#means.limits.are(seed.limits);
    this.#take(seed);
    if (isOthers) this.#journal.report({ type: 'vassal-owner-changed', vassal: this.name, ...file.owner });
    if (!this.#means.socket.isFor(wish)) this.#resocket(wish);
    else if (isOthers || (isLimitedOtherwise && isLive(this.#state.phase))) this.happen({ type: 'restart' });
    else {
      if (this.#state.phase.name === 'waiting') this.#journal.report({ type: 'vassal-updated', vassal: this.name });
      this.happen({ type: 'file-changed', by });
    }
    this.#means.traces.fileChanged(file);
  }

  /** Its file is back before the former process has ended. */
  fileReturned(seed: VassalSeed): void {
    this.#take(seed);
    if (!this.#means.socket.isFor(seed.wish)) this.#resocket(seed.wish);
    this.happen({ type: 'file-returned' });
  }

  #take({ file, after, limits }: VassalSeed): void {
    this.#file = file;
    this.#after = after;
    this.#means.limits.replace(limits);
  }

  /** Nothing more is done about it: it goes on, and a later emperor will find it. */
  leave(): void {
    clearTimeout(this.#timer);
    this.#means.limits.leave();
  }

  happen(event: VassalEvent): void {
    const { policy, onRemoved } = this.#surroundings;
    const previous = this.#state;
    const moment = now();
    const next = step(previous, event, { now: moment, random: Math.random(), policy });
    this.#state = next.state;
    for (const each of reportsOf(this.name, previous, event, next, moment)) this.#journal.report(each);
    if (event.type === 'said' && event.word === 'heartbeat') this.#journal.heartbeat();
    this.#awaitDeadline();
    if (next.state.phase.name !== previous.phase.name) this.#surroundings.startQueue.advance();
    if (next.state.phase.name !== 'starting') this.#surroundings.startQueue.settle(this.name);
    this.#obey(next.actions);
    const { name } = next.state.phase;
    if (name === 'removed' || name === 'stopped') this.#means.socket.close();
    if (event.type !== 'emperor-stops') this.#rememberStop(previous);
    if (name === 'removed') onRemoved(this);
  }

  /** For emperors to come. */
  #rememberStop({ phase }: VassalState): void {
    const isStopped = this.#state.phase.name === 'stopped';
    if (isStopped === (phase.name === 'stopped')) return;
    if (isStopped) this.#surroundings.places.stopped.add(this.#file.path);
    else this.#surroundings.places.stopped.delete(this.#file.path);
  }

  #obey(actions: readonly VassalAction[]): void {
    for (const action of actions) this.#perform(action);
  }

  #perform(action: VassalAction): void {
    switch (action) {
      case 'enqueue':
        return this.#enqueue();
      case 'dequeue':
        return this.#surroundings.startQueue.dequeue(this.name);
      case 'await-connection':
        return this.#runner.awaitConnection(this.#state.launches === 0);
      case 'ignore-connections':
        return this.#means.socket.ignore();
      default:
        return this.#runner.perform(action);
    }
  }

  #enqueue(): void {
    const by = this.heldBackBy;
    if (by.length > 0) this.#journal.report({ type: 'vassal-held-back', vassal: this.name, by });
    this.#surroundings.startQueue.enqueue(
      this.name,
      () => this.#runner.launch(this.#state.launches + 1),
      () => this.heldBackBy.length === 0,
    );
  }

  #resocket(wish: SocketWish | undefined): void {
    this.#means.socket.replace(wish);
    this.happen({ type: 'socket-changed', onDemand: wish?.onDemand === true });
  }

  #awaitDeadline(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const due = deadlineOf(this.#state, this.#surroundings.policy);
    if (due === undefined) return;
    this.#timer = setTimeout(() => this.happen({ type: 'deadline' }), Math.max(0, Math.ceil(due - now())));
  }
}

/** The same file with another time. An edit in place that keeps the length looks the same. */
function isTouched(before: VassalFile, { fingerprint }: VassalFile): boolean {
  return fingerprint.inode === before.fingerprint.inode && fingerprint.size === before.fingerprint.size;
}

/** Milliseconds since the process started; unlike the clock of the machine it never jumps. */
function now(): number {
  return performance.now();
}
