import { dirname, resolve } from 'node:path';

import { SeedReader } from './attributes/seed-reader.ts';
import type { VassalPlaces } from './adoption/vassal-places.ts';
import type { EmperorEventListener } from './events.ts';
import type { VassalHooks } from './hooks/vassal-hooks.ts';
import type { ControlGroups } from './limits/control-groups.ts';
import { Monitor } from './monitor/monitor.ts';
import { readPattern, type VassalPattern } from './monitor/pattern.ts';
import type { ScanDiff } from './monitor/scan-diff.ts';
import type { VassalFile } from './monitor/vassal-file.ts';
import { ConnectionWatch } from './on-demand/connection-watch.ts';
import type { SocketStore } from './on-demand/socket-store.ts';
import type { EmperorSettings } from './settings.ts';
import { StartOrder } from './vassal/start-order.ts';
import { StartQueue } from './vassal/start-queue.ts';
import { isLive } from './vassal/vassal-phase.ts';
import type { VassalSeed } from './vassal/vassal-seed.ts';
import type { VassalSurroundings } from './vassal/vassal-surroundings.ts';
import { Vassal } from './vassal/vassal.ts';

export interface EmperorSurroundings {
  readonly workingDirectory: string;
  /** Of another emperor. */
  readonly isVassal: boolean;
  /** How many vassals may be in mid-start at a time. */
  readonly parallelStarts: number;
  readonly launch: VassalSurroundings['launch'];
  readonly places: VassalPlaces;
  readonly sockets: SocketStore;
  readonly groups: ControlGroups;
  readonly hooks: VassalHooks;
  readonly report: EmperorEventListener;
}

/** Quick enough not to be felt by those that wait; a busy start is given the time of a slow import. */
const START_PACE = { lookEveryMs: 20, patienceMs: 1000 };

/** The time a vassal has to tell that it has reloaded: a slow import, or a long drain before it. */
const RELOAD_PATIENCE_MS = 60_000;

/** Runs one vassal per file it finds, for as long as the file is there. */
export class Emperor {
  readonly #settings: EmperorSettings;
  readonly #surroundings: EmperorSurroundings;
  readonly #vassals = new Map<string, Vassal>();
  readonly #order = new StartOrder((name) => this.#afterOf(name));
  readonly #vassalSurroundings: VassalSurroundings;
  #patterns: readonly VassalPattern[] = [];
  readonly #seeds: SeedReader;
  /** Files of which more is being found out. */
  readonly #arriving = new Map<string, VassalFile>();
  #connections: ConnectionWatch | undefined;
  #monitor: Monitor | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(settings: EmperorSettings, surroundings: EmperorSurroundings) {
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.#seeds = new SeedReader(settings.seeds, (problem) =>
      surroundings.report({ type: 'attribute-problem', problem }),
    );
    const { throttle, stopMercyMs, heartbeatToleranceMs, gracefulShutdown } = settings;
    this.#vassalSurroundings = {
      policy: { throttle, stopMercyMs, heartbeatToleranceMs, gracefulShutdown, reloadPatienceMs: RELOAD_PATIENCE_MS },
      startQueue: new StartQueue({ limit: surroundings.parallelStarts, ...START_PACE }),
      launch: surroundings.launch,
      places: surroundings.places,
      sockets: surroundings.sockets,
      groups: surroundings.groups,
      hooks: surroundings.hooks,
      heldBackBy: (vassal) => this.#heldBackBy(vassal),
      connections: () => (this.#connections ??= new ConnectionWatch()),
      report: surroundings.report,
      onCreated: (vassal) => this.#vassals.set(vassal.name, vassal),
      onRemoved: (vassal) => this.#forget(vassal),
    };
  }

  get vassals(): ReadonlyMap<string, Vassal> {
    return this.#vassals;
  }

  /** What is looked at. */
  get patterns(): readonly VassalPattern[] {
    return this.#patterns;
  }

  /** Sentences about what is no vassal although its name says so. */
  get problems(): readonly string[] {
    return this.#monitor?.problems ?? [];
  }

  /** Ends when the vassals of a former emperor have been adopted, the first scan has been made and its vassals are on their way. */
  async start(): Promise<void> {
    const { patterns: texts, extraExtensions, scanIntervalMs, followSymlinks, tyrant } = this.#settings;
    const { workingDirectory, isVassal, report } = this.#surroundings;
    report({ type: 'emperor-started', patterns: texts, pid: process.pid, isVassal });
    const read = await Promise.all(texts.map((text) => readPattern(text, workingDirectory, extraExtensions)));
    this.#patterns = read.flat();
    const options = { patterns: this.#patterns, extraExtensions, scanIntervalMs, followSymlinks, tyrant };
    this.#monitor = new Monitor(options, await this.#adopt(), {
      onDiff: (diff) => this.#follow(diff),
      onRefusal: (vassal, reason) => report({ type: 'vassal-refused', vassal, reason }),
      onProblem: (problem) => report({ type: 'monitor-problem', problem }),
    });
    await this.#monitor.start();
  }

  /** Every vassal reads its configuration again. */
  reload(reason: string): void {
    this.#surroundings.report({ type: 'vassals-reloading', reason });
    for (const vassal of this.#vassals.values()) vassal.happen({ type: 'reload', by: 'signal' });
  }

  /** Looks for changes now, and gives every vassal that has to wait another try. */
  forgive(): void {
    this.#surroundings.report({ type: 'failures-forgiven' });
    this.#monitor?.wake();
    for (const vassal of this.#vassals.values()) vassal.happen({ type: 'forgive' });
  }

  /** Says of every vassal how it is. */
  tellStatistics(): void {
    for (const { name, file, state, moments } of this.#vassals.values()) {
      this.#surroundings.report({
        type: 'vassal-statistics',
        vassal: name,
        modified: Math.floor(file.fingerprint.mtimeMs / 1000),
        state: state.phase.name,
        isLoyal: moments.lastLoyal > 0,
      });
    }
  }

  /** Ends when no vassal is left. */
  async stop(reason: string): Promise<void> {
    this.#surroundings.report({ type: 'emperor-stopping', reason });
    this.#arriving.clear();
    await this.#monitor?.stop();
    await this.#end();
  }

  /**
   * Ends when no vassal is left but those that can go on without an emperor. With a successor to which sockets are handed on,
   * nothing is done about those without a process either.
   */
  async leave(reason: string, hasSuccessor: boolean): Promise<void> {
    const staying = [...this.#vassals.values()].filter(
      ({ outlives, state }) => outlives || (hasSuccessor && !isLive(state.phase)),
    );
    const vassals = staying.filter(({ outlives }) => outlives).length;
    this.#surroundings.report({ type: 'emperor-leaving', reason, vassals });
    await this.#monitor?.stop();
    for (const vassal of staying) vassal.leave();
    for (const vassal of staying) this.#vassals.delete(vassal.name);
    await this.#end();
  }

  async #end(): Promise<void> {
    const emptied = new Promise<void>((resolve) => (this.#onEmpty = resolve));
    this.#stopUnneeded();
    if (this.#vassals.size > 0) await emptied;
    this.#surroundings.report({ type: 'emperor-stopped' });
  }

  /** Returns the files of the adopted, as they were when they were last read. */
  async #adopt(): Promise<Map<string, VassalFile>> {
    const adopting = this.#surroundings.places.survivors().map(async (record) => {
      return Vassal.adopt(record, await this.#seeds.read(record.file), this.#vassalSurroundings);
    });
    const adopted = await Promise.all(adopting);
    return new Map(adopted.map(({ name, file }) => [name, file]));
  }

  #follow({ added, changed, removed }: ScanDiff): void {
    for (const { name } of removed) {
      this.#arriving.delete(name);
      this.#vassals.get(name)?.happen({ type: 'file-removed' });
    }
    for (const file of [...changed, ...added]) this.#welcome(file);
  }

  /** A new or changed file. */
  #welcome(file: VassalFile): void {
    const seed = this.#seeds.read(file);
    if (!(seed instanceof Promise)) return this.#settle(seed);
    this.#arriving.set(file.name, file);
    void seed.then((found) => {
      // Gone or changed again meanwhile.
      if (this.#arriving.get(file.name) !== file) return;
      this.#arriving.delete(file.name);
      this.#settle(found);
    });
  }

  #settle(seed: VassalSeed): void {
    const { name } = seed.file;
    const vassal = this.#vassals.get(name);
    if (vassal === undefined) Vassal.create(seed, this.#vassalSurroundings);
    else if (vassal.isEnding) vassal.fileReturned(seed);
    else vassal.fileChanged(seed);
    if (seed.after.length > 0) this.#tellCircle(name);
    // Others may have waited for it, or it closed a circle.
    this.#vassalSurroundings.startQueue.advance();
  }

  #forget(vassal: Vassal): void {
    this.#vassals.delete(vassal.name);
    if (this.#onEmpty === undefined) return;
    if (this.#vassals.size === 0) this.#onEmpty();
    else this.#stopUnneeded();
  }

  /** Nobody is stopped before those that were started after it. */
  #stopUnneeded(): void {
    const needed = new Set([...this.#vassals.keys()].flatMap((name) => this.#order.predecessorsOf(name)));
    for (const vassal of this.#vassals.values()) {
      if (!needed.has(vassal.name) && !vassal.isEnding) vassal.happen({ type: 'emperor-stops' });
    }
  }

  #heldBackBy({ name }: Vassal): string[] {
    return this.#order.predecessorsOf(name).filter((each) => this.#vassals.get(each)?.isUp !== true);
  }

  /** What it names in `after`: vassals as the operator knows them, or files as they are found from its own. */
  #afterOf(name: string): string[] {
    const vassal = this.#vassals.get(name);
    if (vassal === undefined) return [];
    return vassal.after.map((text) => {
      if (this.#vassals.has(text)) return text;
      const path = resolve(dirname(vassal.file.path), text);
      return [...this.#vassals.values()].find(({ file }) => file.path === path)?.name ?? text;
    });
  }

  #tellCircle(name: string): void {
    const names = this.#order.circleOf(name);
    if (names !== undefined) this.#surroundings.report({ type: 'vassal-cycle', vassal: name, names });
  }
}
