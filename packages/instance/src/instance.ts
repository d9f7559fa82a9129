import type { Config, ConfigSource, Diagnostic } from '@emperor/config';
import { TimerWheel } from '@emperor/http';
import type { Transport } from '@emperor/transport';
import type { AppServerEvent } from '@emperor/worker';

import { AppCommands } from './app-commands.ts';
import { completed, obeyAppEvent } from './app-events.ts';
import { masterName } from './app-settings.ts';
import { announce, modeLines } from './banner.ts';
import type { Commands } from './controls.ts';
import { Ending, type StopMode } from './ending.ts';
import { settleEngine } from './engine.ts';
import { Generation, type GenerationContext } from './generation.ts';
import { type HookHappening, runHappening, runHooks } from './hooks/hooks.ts';
import { InstanceFigures } from './instance-figures.ts';
import { InstanceLinks } from './instance-links.ts';
import { InstanceLog, openInstanceLogs } from './instance-log.ts';
import { InstanceSockets } from './instance-sockets.ts';
import { InstanceViews } from './instance-views.ts';
import { isRouter } from './listeners.ts';
import { MemoryReturn } from './memory-return.ts';
import { rewritePidfiles, writePidfiles } from './pidfile.ts';
import { type PrivilegeMoment, pythonPrivileges } from './privileges.ts';
import { RuntimeDirectory } from './runtime-directory.ts';
import { lockFiles } from './start/file-locks.ts';
import { checkJail, namedFromOutside } from './start/jail.ts';
import { prepareProcess } from './start/prepare-process.ts';
import { actAsRoot, becomeUser } from './start/root-steps.ts';
import { ExitCode, StartError } from './start-error.ts';
import { prepareSuccessor, type Successor } from './successor.ts';
import { enterWorkingDirectory, workingDirectoryOf } from './working-directory.ts';

/** Where an instance is in its life. */
type Phase = 'starting' | 'serving' | 'reloading' | 'stopping' | 'stopped';

/** One vassal: serves and supervises, from its start to its end, over any number of reloads. */
export class Instance implements Commands {
  readonly #source: ConfigSource;
  readonly #wheel = new TimerWheel();
  readonly #log = new InstanceLog();
  readonly #figures = new InstanceFigures();
  readonly #runtimeDirectory = new RuntimeDirectory();
  readonly #memory = new MemoryReturn();
  readonly workers: AppCommands = new AppCommands(() => this.#generation, this.#figures, this.#log);
  readonly #sockets: InstanceSockets;
  readonly #views: InstanceViews;
  readonly #links: InstanceLinks;
  readonly #ending: Ending;
  readonly #context: GenerationContext;
  readonly #ended: Promise<number>;
  #end: (code: number) => void = () => {};
  #phase: Phase = 'starting';
  #generation: Generation | undefined;
  /** Those who have asked for a reload that cannot begin yet. */
  #reloadAgain: PromiseWithResolvers<void> | undefined;

  constructor(source: ConfigSource, transport: Transport) {
    this.#source = source;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#sockets = new InstanceSockets({
      transport,
      wheel: this.#wheel,
      directory: source.workingDirectory,
      log: this.#log.dated,
    });
    this.#views = new InstanceViews(source, this.#figures, () => ({
      phase: this.#phase,
      generation: this.#generation,
      sockets: this.#sockets.all,
      logLinesDropped: this.#log.dropped,
    }));
    this.#links = new InstanceLinks({
      commands: this,
      views: this.#views,
      log: this.#log,
      happen: (happening) => this.#happen(happening),
      lastReload: () => (this.#isEnding() ? undefined : this.#figures.lastReload),
    });
    this.#ending = new Ending({
      generation: () => this.#generation,
      sockets: this.#sockets,
      links: this.#links,
      log: this.#log,
      runtimeDirectory: this.#runtimeDirectory,
    });
    this.#context = {
      transport,
      wheel: this.#wheel,
      log: this.#log,
      figures: this.#figures,
      commands: this,
      launchDirectory: source.workingDirectory,
      askForReinforcements: () => this.#links.emperor?.overloaded(),
      sockets: () => this.#sockets.all,
      runtimeDirectory: this.#runtimeDirectory,
      isReload: () => this.#generation !== undefined,
      onAppEvent: (generation, event) => this.#onAppEvent(generation, event),
      onFinished: () => {
        this.#memory.worked();
        if (this.#links.emperor?.loyal() === true) this.#log.line('announcing my loyalty to the Emperor...');
      },
    };
  }

  /**
   * Starts from a configuration and serves until it is told to stop.
   * @param diagnostics what is wrong with the configuration all the same
   * @returns the exit code
   * @throws StartError when it cannot start
   */
  async run(config: Config, diagnostics: readonly Diagnostic[]): Promise<number> {
    this.#figures.configProblems = diagnostics.length;
    try {
      checkJail(config);
      await this.#start(namedFromOutside(config));
    } catch (error) {
      // Whatever a stop in the middle of the start has broken, it was asked for.
      if (!this.#isEnding()) {
        this.#phase = 'stopped';
        await this.#ending.abandonStart();
        throw error;
      }
    }
    return this.#ended;
  }

  async #start(config: Config): Promise<void> {
    this.#links.connectToEmperor();
    const directory = workingDirectoryOf(config, this.#source.workingDirectory);
    await lockFiles(config, 'first', () => this.#isEnding());
    const logs = openInstanceLogs(config, directory);
    this.#log.use(logs);
    const { emperor } = this.#links;
    if (emperor !== undefined) logs.stderr.line(`*** has_emperor mode detected (fd: ${emperor.descriptor}) ***`);
    announce(config, logs);
    runHooks(config, 'asap', this.#log);
    await prepareProcess(config, this.#log, () => this.#isEnding());
    if (this.#isEnding()) return;
    enterWorkingDirectory(config, this.#source.workingDirectory, this.#log.line);

    const generation = new Generation(config, directory, this.#context);
    this.#generation = generation;
    for (const notice of generation.notices) this.#log.line(notice);
    for (const line of await this.#sockets.open(config)) this.#log.line(line);
    writePidfiles(config, 'before-privileges', this.#log.line);
    this.#links.openControlSocket();
    actAsRoot(config, this.#log);
    this.#becomeUser(config, 'start');
    writePidfiles(config, 'after-privileges', this.#log.line);
    this.#runtimeDirectory.belongTo(pythonPrivileges(config));

    this.#links.openControls(config);
    await this.#startApp(generation);
    if (this.#isEnding()) return;
    this.#serve(generation);
    this.#links.tellOfControls();
    await this.#links.openStats(config);
    await this.#catchUp();
  }

  #isEnding(): boolean {
    return this.#phase === 'stopping' || this.#phase === 'stopped';
  }

  #becomeUser(config: Config, moment: PrivilegeMoment): void {
    becomeUser(config, moment, this.#links.emperor !== undefined, this.#log);
  }

  async #startApp(generation: Generation): Promise<void> {
    const { app, config } = generation;
    await generation.prepare();
    await completed(app?.boot());
    settleEngine();
    this.#becomeUser(config, 'init');
    for (const line of modeLines(config)) this.#log.line(line);
    runHooks(config, 'pre-app', this.#log);
    this.#log.flushSync(); // what the app prints while it is imported, such as a traceback, comes behind these lines
    await completed(app?.load());
    this.#becomeUser(config, 'apps');
    runHooks(config, 'post-app', this.#log);
    const name = masterName(config);
    if (name !== undefined) process.title = name;
    if (config.options.master) this.#log.line(`spawned uWSGI master process (pid: ${process.pid})`);
    runHooks(config, 'master-start', this.#log);
    this.#links.emperor?.spawned();
    if (this.#isEnding()) return;
    // From here on requests are answered: files and routes at once, those for the app as soon as a worker is ready.
    this.#sockets.serve(generation);
    await app?.spawn();
  }

  #serve(generation: Generation): void {
    // One router, whatever the number of its sockets (as in uWSGI).
    if (this.#sockets.all.some(({ request }) => isRouter(request.protocol)))
      this.#log.line(`spawned uWSGI http 1 (pid: ${process.pid})`);
    this.#phase = 'serving';
    generation.begin();
    this.#links.sendHeartbeats(generation.config.options.heartbeat);
    this.#memory.started();
    if (generation.app === undefined) this.#links.emperor?.accepting();
  }

  /** A graceful reload: the configuration is read anew, and only a generation that is ready takes over (DESIGN section 5). */
  async reload(reason?: string): Promise<void> {
    if (this.#phase === 'starting' || this.#phase === 'reloading') {
      this.#reloadAgain ??= Promise.withResolvers();
      return this.#reloadAgain.promise;
    }
    if (this.#phase !== 'serving') return;
    this.#phase = 'reloading';
    if (reason !== undefined) this.#log.dated(reason);
    if (this.#generation?.config.options['exit-on-reload'] === true) {
      this.#phase = 'serving';
      await this.stop('instead-of-reload');
      return;
    }
    this.#log.line('...gracefully killing workers...');
    const startedAtMs = performance.now();
    this.#figures.reloadBegins();
    try {
      const old = this.#generation;
      const successor = await prepareSuccessor(old, this.#source, this.#sockets, this.#context);
      this.#switchTo(successor);
      this.#figures.reloaded(reason ?? 'asked for', performance.now() - startedAtMs);
      void this.#retire(old);
      this.#links.emperor?.reloaded();
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      this.#figures.reloadRefused(error.message, performance.now() - startedAtMs);
      this.#links.emperor?.reloadRefused();
      this.#log.dated(`reload given up, the running configuration stays: ${error.message}`);
    }
    this.#phase = 'serving';
    await this.#catchUp();
  }

  /** A reload that was asked for when there was none to be had is done now: what it was about may not have been seen. */
  async #catchUp(): Promise<void> {
    const asked = this.#reloadAgain;
    if (asked === undefined) return;
    this.#reloadAgain = undefined;
    await this.reload();
    asked.resolve();
  }

  /** The old generation answers what it has accepted, the new one everything else. */
  async #retire(old: Generation | undefined): Promise<void> {
    const reload = this.#figures.lastReload;
    await old?.retire(old.config.options['reload-mercy'] * 1000, 'reload', true);
    this.#figures.oldRequestsAnswered(reload);
  }

  #switchTo({ generation, sockets }: Successor): void {
    for (const line of this.#sockets.replace(sockets)) this.#log.line(line);
    this.#generation = generation;
    this.#sockets.serve(generation);
    generation.begin();
    if (generation.config.options['log-reopen']) this.#log.reopen();
    this.#log.line(`gracefully (RE)spawned uWSGI master process (pid: ${process.pid})`);
    this.#links.openControls(generation.config);
    this.#links.tellOfControls();
    this.#memory.worked();
  }

  /** Ends the instance. A second call that is less patient cuts a drain short. */
  async stop(mode: StopMode, exitCode: number = ExitCode.end): Promise<void> {
    if (this.#phase === 'stopping' && mode === 'cut') this.#ending.hurry();
    if (this.#isEnding()) return;
    const hasServed = this.#phase !== 'starting';
    this.#phase = 'stopping';
    await this.#ending.stop(mode, hasServed);
    this.#phase = 'stopped';
    await this.#ending.finish(mode, exitCode);
    this.#end(exitCode);
  }

  #happen(happening: HookHappening): void {
    if (this.#generation !== undefined) runHappening(this.#generation.config, happening, this.#log);
  }

  reopenLogs(): void {
    this.#log.reopen();
  }

  rotateLogs(): void {
    this.#log.rotate();
  }

  writePidfiles(): void {
    if (this.#generation === undefined) return;
    rewritePidfiles(this.#generation.config, this.#log.line);
  }

  obey(letter: string): boolean {
    return this.#generation?.obey(letter) ?? false;
  }

  #onAppEvent(generation: Generation, event: AppServerEvent): void {
    if (generation !== this.#generation) return;
    obeyAppEvent(event, {
      accepting: () => this.#links.emperor?.accepting(),
      reload: () => void this.reload(),
      stop: (mode, exitCode) => void this.stop(mode, exitCode),
      diesOnIdle: generation.config.options['die-on-idle'],
    });
  }
}
