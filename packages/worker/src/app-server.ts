import type { Exchange, ExchangeHandler } from '@emperor/http';

import { describeApps, describeLeftovers, NO_APP_ENDS, NO_APP_GOES_ON } from './app-lines.ts';
import { AppFigures } from './app-figures.ts';
import { AppRequest } from './app-request.ts';
import type { Companion, CompanionSettings } from './companion.ts';
import { Companions } from './companions.ts';
import { Dispatcher } from './dispatcher.ts';
import { Pool } from './pool.ts';
import { ProgressBoard } from './progress-board.ts';
import { DEFAULT_BEHAVIOUR } from './python-behaviour.ts';
import { isVirtualenv, type PythonCommand, pythonCommand } from './python-command.ts';
import type { AppServerSettings } from './settings.ts';
import type { SignalTarget } from './signal-target.ts';
import { signalProcess } from './signal-process.ts';
import { reloadAll, reloadInChain } from './worker-reload.ts';
import type { WorkerInfo } from './worker-info.ts';
import { ZygoteKeeper } from './zygote-keeper.ts';
import type { ZygoteConfiguration } from './zygote-messages.ts';

const SPARE_REGIONS = 8;
/** uWSGI's default of `buffer-size`. */
const DEFAULT_BUFFER_BYTES = 4096;

/** What came of a step of the start. Reasons are sentences for the user. */
export type StepOutcome =
  | { readonly kind: 'ok' }
  /** `need-app` and no app: uWSGI exits with status 22. */
  | { readonly kind: 'no-app' }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * The app of an instance: a zygote, its workers, the queue in front of them. Started in three steps, since the instance has lines
 * to print in between; two may live beside each other while one generation follows another.
 */
export class AppServer implements ExchangeHandler {
  readonly #settings: AppServerSettings;
  readonly #dispatcher: Dispatcher;
  readonly #keeper: ZygoteKeeper;
  readonly #pool: Pool;
  readonly #board: ProgressBoard;
  readonly #companions: Companions;
  #pythonpath: readonly string[] = [];
  #hasApp = false;

  /** @throws Error with a sentence when the virtualenv has no interpreter */
  constructor(settings: AppServerSettings) {
    this.#settings = settings;
    const command = (): PythonCommand => pythonCommand(settings.interpreter, settings.environment);
    command(); // what is wrong with it is said now
    const figures = settings.figures ?? new AppFigures();
    this.#dispatcher = new Dispatcher({ ...settings, figures });
    // While a worker is replaced there are two of it; a few more may be late to leave.
    this.#board = new ProgressBoard(settings.threads, 2 * settings.processes + SPARE_REGIONS);
    this.#keeper = new ZygoteKeeper({
      command,
      outputDescriptor: settings.outputDescriptor,
      transport: settings.transport,
      board: this.#board,
      configuration: () => configure(settings),
      log: (text) => settings.log.line(text),
      onForked: (serial, pid) => this.#companions.onForked(serial, pid) || this.#pool.onForked(serial, pid),
      onNotForked: (serial, reason) => this.#companions.onNotForked(serial) || this.#pool.onNotForked(serial, reason),
      onExited: (exit) => this.#companions.onExited(exit) || this.#pool.onExited(exit),
    });
    this.#companions = new Companions(this.#keeper, settings.transport);
    this.#pool = new Pool({ ...settings, figures }, this.#dispatcher, this.#keeper, this.#board);
  }

  /** First step: starts the interpreter and prints what it is. */
  async boot(): Promise<StepOutcome> {
    const outcome = await this.#keeper.boot();
    if (outcome.kind === 'failed') return outcome;
    const { log, interpreter } = this.#settings;
    const { virtualenv } = interpreter;
    log.line(`Python version: ${outcome.hello.version}`);
    if (virtualenv !== undefined) {
      if (isVirtualenv(virtualenv)) log.line(`PEP 405 virtualenv detected: ${virtualenv}`);
      log.line(`Set PythonHome to ${virtualenv}`);
    }
    this.#pythonpath = outcome.hello.pythonpath;
    return { kind: 'ok' };
  }

  /** Second step: imports the app. A broken app is no failure unless `need-app` is set: its traceback is in the log. */
  async load(): Promise<StepOutcome> {
    const { log, app } = this.#settings;
    for (const path of this.#pythonpath) log.line(`added ${path} to pythonpath.`);
    const outcome = await this.#keeper.load();
    if (outcome.kind === 'failed') return outcome;
    this.#pool.apps.all = outcome.apps;
    for (const [name, args] of outcome.calls) this.#pool.answers.tell(0, name, args);
    this.#hasApp = app.lazyApps === true;
    if (this.#hasApp) return { kind: 'ok' };
    for (const line of describeApps(outcome, process.pid)) log.line(line);
    for (const line of describeLeftovers(outcome)) log.line(line);
    this.#hasApp = outcome.apps.length > 0;
    if (this.#hasApp) return { kind: 'ok' };
    log.line(app.needApp === true ? NO_APP_ENDS : NO_APP_GOES_ON);
    return { kind: app.needApp === true ? 'no-app' : 'ok' };
  }

  /** Third step: forks the workers. Resolves when they accept requests; requests that come before wait in the queue. */
  spawn(): Promise<void> {
    return this.#pool.start();
  }

  /** Takes the exchange, always: it waits in the queue when no worker is free. */
  handle(exchange: Exchange): boolean {
    const request = new AppRequest(exchange, performance.now());
    exchange.answerer = request;
    this.#dispatcher.submit(request);
    return true;
  }

  /**
   * Ends everything: each worker after the requests it has, by force when `graceMs` are over. No exchange may be handed over any more;
   * those that wait are answered first.
   */
  stop(graceMs: number): Promise<void> {
    return this.#end(graceMs, false);
  }

  /** `stop` with a line per worker, as uWSGI prints when it reloads or shuts down in grace. */
  drain(graceMs: number): Promise<void> {
    return this.#end(graceMs, true);
  }

  /** Makes a process beside the workers, not started yet: a mule, a spooler. Ends with the workers at the latest. */
  companion(settings: Omit<CompanionSettings, 'onCall' | 'onTell' | 'onRequest'>): Companion {
    const { onEvent } = this.#settings;
    return this.#companions.add({
      ...settings,
      onCall: (name, args) => this.#pool.answers.answer(0, name, args),
      onTell: (name, args) => this.#pool.answers.tell(0, name, args),
      onRequest: (what) => onEvent({ type: what === 'reload' ? 'reload-requested' : 'stop-requested' }),
    });
  }

  companionsOf(role: Companion['role']): readonly Companion[] {
    return this.#companions.ofRole(role);
  }

  /**
   * Has the app's function for a signal called in workers.
   * @returns in how many
   */
  raise(signal: number, target: SignalTarget): number {
    return this.#pool.raise(signal, target);
  }

  /** Replaces the workers, all at once or one after the other; no request waits for it. Resolves when the new ones are ready. */
  reloadWorkers(how: 'all' | 'chain'): Promise<void> {
    const { log } = this.#settings;
    return how === 'all' ? reloadAll(this.#pool, log) : reloadInChain(this.#pool, log);
  }

  /** `+` and `-` of the master fifo. */
  changeWorkers(difference: 1 | -1): void {
    if (difference > 0) this.#pool.add(difference);
    else this.#pool.cheap();
  }

  /** `C` of the master fifo: all workers end, the next request brings them back. */
  hibernate(): void {
    this.#pool.hibernate();
  }

  /** Has every worker write the Python stacks of its threads to the log (uWSGI's SIGUSR2). */
  logStacks(): void {
    for (const { pid } of this.workers) if (pid > 0) signalProcess(pid, 'SIGUSR2');
  }

  /** Requests wait, those that run are finished (uWSGI's SIGTSTP and fifo `p`). */
  pause(): void {
    this.#dispatcher.pause();
  }

  resume(): void {
    this.#dispatcher.resume();
  }

  async #end(graceMs: number, announced: boolean): Promise<void> {
    this.#dispatcher.resume();
    const deadline = performance.now() + graceMs;
    await this.#dispatcher.whenEmpty(graceMs);
    const leftMs = Math.max(0, deadline - performance.now());
    await Promise.all([this.#pool.stop(leftMs, announced), this.#companions.stop(leftMs)]);
    await this.#keeper.close();
    this.#board.close();
  }

  /** False when no app could be loaded: every request is answered 500. With `lazy-apps` only the workers know. */
  get hasApp(): boolean {
    return this.#hasApp;
  }

  /** Requests that wait for a worker. */
  get queueLength(): number {
    return this.#dispatcher.queue.length;
  }

  /** Requests that may wait for a worker. */
  get queueLimit(): number {
    return this.#settings.queueLimit;
  }

  /** Requests that are in workers. */
  get inFlight(): number {
    return this.#dispatcher.inFlight;
  }

  /** How many requests a worker may be sent at the moment before it answers one. */
  get dispatchDepth(): number {
    return this.#dispatcher.depth;
  }

  /** Mean time the app takes for a request, in microseconds. */
  get meanServiceUs(): number {
    return this.#dispatcher.serviceTime.meanUs;
  }

  get zygotePid(): number | undefined {
    return this.#keeper.pid;
  }

  /** The worker that would get a request now; undefined while there is none. */
  get nextWorker(): { readonly id: number; readonly pid: number } | undefined {
    return this.#dispatcher.next;
  }

  get workers(): readonly WorkerInfo[] {
    return this.#pool.describe();
  }
}

function configure(settings: AppServerSettings): ZygoteConfiguration {
  const { app } = settings;
  return {
    ...app,
    mounts: app.mounts ?? [],
    magicVariables: app.magicVariables ?? {},
    manageScriptName: app.manageScriptName ?? false,
    pythonpath: app.pythonpath ?? [],
    pyargv: app.pyargv ?? [],
    pasteLogging: app.pasteLogging ?? false,
    moduleAliases: app.moduleAliases ?? [],
    imports: app.imports ?? [],
    lazyApps: app.lazyApps ?? false,
    needApp: app.needApp ?? false,
    autoReloadSeconds: app.autoReloadSeconds ?? 0,
    autoReloadIgnore: app.autoReloadIgnore ?? [],
    catchExceptions: app.catchExceptions ?? false,
    raisesWriteErrors: app.raisesWriteErrors ?? true,
    options: app.options ?? {},
    processes: settings.processes,
    threads: settings.threads,
    version: settings.version,
    nodeName: settings.nodeName,
    masterPid: process.pid,
    isReload: settings.isReload ?? false,
    bufferBytes: settings.bufferBytes ?? DEFAULT_BUFFER_BYTES,
    cpuAffinity: settings.cpuAffinity ?? 0,
    limitAsBytes: settings.limitAsBytes ?? 0,
    privileges: settings.privileges ?? null,
    jail: settings.jail ?? '',
    zygoteName: settings.processNames?.zygote ?? '',
    workerName: settings.processNames?.worker ?? '',
    behaviour: { ...DEFAULT_BEHAVIOUR, ...settings.behaviour },
    services: settings.services?.() ?? {},
  };
}
