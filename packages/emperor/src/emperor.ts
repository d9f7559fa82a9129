import type { VassalPlaces } from './adoption/vassal-places.ts';
import type { EmperorEventListener } from './events.ts';
import { Monitor } from './monitor/monitor.ts';
import { readPattern, type VassalPattern } from './monitor/pattern.ts';
import type { ScanDiff } from './monitor/scan-diff.ts';
import type { VassalFile } from './monitor/vassal-file.ts';
import { ConnectionWatch } from './on-demand/connection-watch.ts';
import { SocketChooser } from './on-demand/socket-chooser.ts';
import type { EmperorSettings } from './settings.ts';
import { StartQueue } from './vassal/start-queue.ts';
import { Vassal, type VassalSeed, type VassalSurroundings } from './vassal/vassal.ts';

export interface EmperorSurroundings {
  readonly workingDirectory: string;
  /** Of another emperor. */
  readonly isVassal: boolean;
  /** How many vassals may be in mid-start at a time. */
  readonly parallelStarts: number;
  readonly launch: VassalSurroundings['launch'];
  readonly places: VassalPlaces;
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
  readonly #vassalSurroundings: VassalSurroundings;
  #patterns: readonly VassalPattern[] = [];
  readonly #sockets: SocketChooser;
  /** Files whose socket is being found out. */
  readonly #arriving = new Map<string, VassalFile>();
  #connections: ConnectionWatch | undefined;
  #monitor: Monitor | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(settings: EmperorSettings, surroundings: EmperorSurroundings) {
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.#sockets = new SocketChooser(settings.onDemand, (problem) =>
      surroundings.report({ type: 'on-demand-problem', problem }),
    );
    const { throttle, stopMercyMs, heartbeatToleranceMs, gracefulShutdown } = settings;
    this.#vassalSurroundings = {
      policy: { throttle, stopMercyMs, heartbeatToleranceMs, gracefulShutdown, reloadPatienceMs: RELOAD_PATIENCE_MS },
      startQueue: new StartQueue({ limit: surroundings.parallelStarts, ...START_PACE }),
      launch: surroundings.launch,
      places: surroundings.places,
      connections: () => (this.#connections ??= new ConnectionWatch()),
      report: surroundings.report,
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
    for (const vassal of this.#vassals.values()) vassal.happen({ type: 'reload' });
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

  /** Ends when no vassal is left but those that can go on without an emperor. */
  async leave(reason: string): Promise<void> {
    const staying = [...this.#vassals.values()].filter((vassal) => vassal.outlives);
    this.#surroundings.report({ type: 'emperor-leaving', reason, vassals: staying.length });
    await this.#monitor?.stop();
    for (const vassal of staying) vassal.leave();
    for (const vassal of staying) this.#vassals.delete(vassal.name);
    await this.#end();
  }

  async #end(): Promise<void> {
    const emptied = new Promise<void>((resolve) => (this.#onEmpty = resolve));
    for (const vassal of this.#vassals.values()) vassal.happen({ type: 'emperor-stops' });
    if (this.#vassals.size > 0) await emptied;
    this.#surroundings.report({ type: 'emperor-stopped' });
  }

  /** Returns the files of the adopted, as they were when they were last read. */
  async #adopt(): Promise<Map<string, VassalFile>> {
    const adopting = this.#surroundings.places.survivors().map(async (record) => {
      return Vassal.adopt(record, await this.#sockets.choose(record.file), this.#vassalSurroundings);
    });
    const adopted = await Promise.all(adopting);
    for (const vassal of adopted) this.#vassals.set(vassal.name, vassal);
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
    const wish = this.#sockets.choose(file);
    if (!(wish instanceof Promise)) return this.#settle({ file, wish });
    this.#arriving.set(file.name, file);
    void wish.then((found) => {
      // Gone or changed again meanwhile.
      if (this.#arriving.get(file.name) !== file) return;
      this.#arriving.delete(file.name);
      this.#settle({ file, wish: found });
    });
  }

  #settle(seed: VassalSeed): void {
    const { name } = seed.file;
    const vassal = this.#vassals.get(name);
    if (vassal === undefined) this.#vassals.set(name, Vassal.create(seed, this.#vassalSurroundings));
    else if (vassal.isEnding) vassal.fileReturned(seed);
    else vassal.fileChanged(seed);
  }

  #forget(vassal: Vassal): void {
    this.#vassals.delete(vassal.name);
    if (this.#vassals.size === 0) this.#onEmpty?.();
  }
}
