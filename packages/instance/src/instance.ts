import { type Config, type ConfigSource, type Diagnostic, formatDiagnostic, loadConfig } from '@emperor/config';
import { TimerWheel } from '@emperor/http';
import { ctime, type Logs } from '@emperor/router';
import { CONTROL_SOCKET_VARIABLE } from '@emperor/protocol';
import type { Transport } from '@emperor/transport';
import type { AppServerEvent } from '@emperor/worker';

import { AppCommands } from './app-commands.ts';
import { completed, obeyAppEvent } from './app-events.ts';
import { masterName } from './app-settings.ts';
import { banner, modeLines } from './banner.ts';
import { ControlSocket } from './control-socket.ts';
import { type Commands, Controls } from './controls.ts';
import { EmperorLink, outlivesEmperor } from './emperor-link.ts';
import { Generation, type GenerationContext } from './generation.ts';
import { type HookHappening, runHappening, runHooks } from './hooks/hooks.ts';
import { InstanceFigures } from './instance-figures.ts';
import { InstanceLog, openInstanceLogs } from './instance-log.ts';
import { abandon, InstanceSockets } from './instance-sockets.ts';
import { InstanceViews } from './instance-views.ts';
import { isRouter, statsSocket } from './listeners.ts';
import { MemoryReturn } from './memory-return.ts';
import { removePidfiles, rewritePidfiles, writePidfiles } from './pidfile.ts';
import { dropPrivileges, privilegeMoment, type PrivilegeMoment, pythonPrivileges } from './privileges.ts';
import { RuntimeDirectory } from './runtime-directory.ts';
import { processUser } from './router-user.ts';
import { openSocket } from './sockets.ts';
import { lockFiles } from './start/file-locks.ts';
import { checkJail, namedFromOutside } from './start/jail.ts';
import { enterNamespaces } from './start/namespaces.ts';
import { prepareProcess } from './start/prepare-process.ts';
import { ExitCode, StartError } from './start-error.ts';
import { StatsServer } from './stats-server.ts';
import { enterWorkingDirectory, workingDirectoryOf } from './working-directory.ts';

/** Where an instance is in its life. */
type Phase = 'starting' | 'serving' | 'reloading' | 'stopping' | 'stopped';

/** How an instance ends: `drain` answers what it has accepted, `cut` does not. */
export type StopMode = 'drain' | 'cut';

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
  readonly #context: GenerationContext;
  readonly #ended: Promise<number>;
  #end: (code: number) => void = () => {};
  #phase: Phase = 'starting';
  #generation: Generation | undefined;
  #emperor: EmperorLink | undefined;
  #control: ControlSocket | undefined;
  #controls: Controls | undefined;
  #stats: StatsServer | undefined;
  /** Those who have asked for a reload that cannot begin yet. */
  #reloadAgain: PromiseWithResolvers<void> | undefined;
  /** Ends a drain before its time. */
  #cutShort: (() => void) | undefined;

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
    this.#context = {
      transport,
      wheel: this.#wheel,
      log: this.#log,
      figures: this.#figures,
      commands: this,
      launchDirectory: source.workingDirectory,
      askForReinforcements: () => this.#emperor?.overloaded(),
      sockets: () => this.#sockets.all,
      runtimeDirectory: this.#runtimeDirectory,
      isReload: () => this.#generation !== undefined,
      onAppEvent: (generation, event) => this.#onAppEvent(generation, event),
      onFinished: () => {
        this.#memory.worked();
        if (this.#emperor?.loyal() === true) this.#log.line('announcing my loyalty to the Emperor...');
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
        await this.#abandonStart();
        throw error;
      }
    }
    return this.#ended;
  }

  /** Nothing stays behind of a start that failed; what was logged comes before the reason. */
  async #abandonStart(): Promise<void> {
    this.#phase = 'stopped';
    await this.#generation?.stop();
    this.#sockets.close();
    if (this.#generation !== undefined) this.#vacuum(this.#generation.config);
    this.#runtimeDirectory.remove();
    this.#control?.close();
    this.#controls?.close();
    this.#emperor?.close();
    this.#log.flushSync();
  }

  async #start(config: Config): Promise<void> {
    this.#emperor = EmperorLink.fromEnvironment(
      process.env,
      {
        stop: () => {
          this.#happen('emperor-stop');
          void this.stop('drain');
        },
        reload: () => {
          this.#happen('emperor-reload');
          void this.reload();
        },
        lost: () => {
          this.#control?.emperorLost();
          this.#log.line('lost connection with my emperor !!!');
          this.#happen('emperor-lost');
          if (!outlivesEmperor(process.env)) void this.stop('drain');
        },
      },
      this.#log.dated,
    );
    const directory = workingDirectoryOf(config, this.#source.workingDirectory);
    await lockFiles(config, 'first', () => this.#isEnding());
    const logs = openInstanceLogs(config, directory);
    this.#log.use(logs);
    this.#announce(config, logs);
    runHooks(config, 'asap', this.#log);
    await prepareProcess(config, this.#log, () => this.#isEnding());
    if (this.#isEnding()) return;
    enterWorkingDirectory(config, this.#source.workingDirectory, this.#log.line);

    const generation = new Generation(config, directory, this.#context);
    this.#generation = generation;
    for (const notice of generation.notices) this.#log.line(notice);
    for (const line of this.#sockets.replace(await this.#sockets.prepare(config))) this.#log.line(line);
    if (this.#sockets.all.length === 0) throw new StartError(NOTHING_TO_LISTEN_ON);
    writePidfiles(config, 'before-privileges');
    // The emperor's runtime directory is not open to whom we are going to be.
    this.#openControlSocket();
    this.#actAsRoot(config);
    this.#becomeUser(config, 'start');
    writePidfiles(config, 'after-privileges');
    this.#runtimeDirectory.belongTo(pythonPrivileges(config));

    this.#openControls(config);
    await this.#startApp(generation);
    if (this.#isEnding()) return;
    this.#serve(generation);
    await this.#openStats(config);
    await this.#catchUp();
  }

  #isEnding(): boolean {
    return this.#phase === 'stopping' || this.#phase === 'stopped';
  }

  /** The last that is done as root, as a rule. */
  #actAsRoot(config: Config): void {
    const { umask, chroot } = config.options;
    runHooks(config, 'pre-jail', this.#log);
    if (umask !== undefined) process.umask(umask);
    enterNamespaces(config, this.#log.line);
    if (chroot !== undefined) this.#log.line(`chroot() to ${chroot}`); // the interpreter does, when it has started
    for (const moment of ['post-jail', 'in-jail', 'as-root'] as const) runHooks(config, moment, this.#log);
  }

  /** Gives up what only root may do, when this is the moment. */
  #becomeUser(config: Config, moment: PrivilegeMoment): void {
    if (privilegeMoment(config) !== moment) return;
    dropPrivileges(config, processUser(config), this.#log.line);
    runHooks(config, 'as-user', this.#log);
    if (this.#emperor !== undefined) runHooks(config, 'as-vassal', this.#log);
  }

  async #openStats(config: Config): Promise<void> {
    const { options } = config;
    const request = await statsSocket(config, 'stats');
    if (request === undefined) return;
    const socket = openSocket(request);
    this.#stats = new StatsServer(socket, { http: options['stats-http'], minified: options['stats-minified'] }, () =>
      this.#views.statistics(),
    );
    this.#log.line(`*** Stats server enabled on ${request.name} fd: ${socket.descriptor} ***`);
  }

  async #startApp(generation: Generation): Promise<void> {
    const { app, config } = generation;
    await generation.prepare();
    await completed(app?.boot());
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
    this.#emperor?.spawned();
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
    this.#sendHeartbeats(generation.config.options.heartbeat);
    this.#memory.started();
    if (generation.app === undefined) this.#emperor?.accepting();
  }

  #sendHeartbeats(seconds: number): void {
    const emperor = this.#emperor;
    if (emperor !== undefined && seconds > 0) setInterval(() => emperor.heartbeat(), seconds * 1000).unref();
  }

  #openControls(config: Config): void {
    this.#controls?.close();
    this.#controls = new Controls(config, this, this.#log);
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
      await this.stop('drain');
      return;
    }
    this.#log.line('...gracefully killing workers...');
    const startedAtMs = performance.now();
    this.#figures.reloadBegins();
    try {
      const old = await this.#replaceGeneration();
      this.#figures.reloaded(reason ?? 'asked for', performance.now() - startedAtMs);
      void this.#retire(old);
      this.#emperor?.reloaded();
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      this.#figures.reloadRefused(error.message, performance.now() - startedAtMs);
      this.#emperor?.reloadRefused();
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

  /** @throws StartError when there is something wrong with the configuration as it is now */
  #readAgain(): Config {
    const { config, diagnostics } = loadConfig({ ...this.#source, isReload: true });
    this.#figures.configProblems = diagnostics.length;
    for (const diagnostic of diagnostics) this.#log.line(formatDiagnostic(diagnostic));
    if (config === undefined) throw new StartError('the configuration has errors');
    checkJail(config);
    return namedFromOutside(config);
  }

  /** @returns the old generation, which has accepted requests */
  async #replaceGeneration(): Promise<Generation | undefined> {
    const config = this.#readAgain();
    this.#log.line('binary reloading uWSGI...');
    for (const notice of config.notices) this.#log.line(notice);
    enterWorkingDirectory(config, this.#source.workingDirectory, this.#log.line);
    const sockets = await this.#sockets.prepare(config);
    let generation: Generation | undefined;
    try {
      generation = new Generation(
        config,
        workingDirectoryOf(config, this.#source.workingDirectory),
        this.#context,
        this.#generation,
      );
      await generation.prepare();
      await completed(generation.app?.boot());
      await completed(generation.app?.load());
      if (generation.app?.hasApp === false && this.#generation?.app?.hasApp === true)
        throw new StartError('the new code does not load');
      await generation.app?.spawn();
    } catch (error) {
      await generation?.stop();
      abandon(sockets);
      throw error;
    }
    for (const line of this.#sockets.replace(sockets)) this.#log.line(line);
    const old = this.#generation;
    this.#switchTo(generation);
    return old;
  }

  /** The old generation answers what it has accepted, the new one everything else. */
  async #retire(old: Generation | undefined): Promise<void> {
    const reload = this.#figures.lastReload;
    await old?.retire(old.config.options['reload-mercy'] * 1000, 'reload');
    this.#figures.oldRequestsAnswered(reload);
  }

  #switchTo(generation: Generation): void {
    this.#generation = generation;
    this.#sockets.serve(generation);
    generation.begin();
    if (generation.config.options['log-reopen']) this.#log.reopen();
    this.#log.line(`gracefully (RE)spawned uWSGI master process (pid: ${process.pid})`);
    this.#openControls(generation.config);
    this.#memory.worked();
  }

  /** Ends the instance. A second call that is less patient cuts a drain short. */
  async stop(mode: StopMode, exitCode: number = ExitCode.end): Promise<void> {
    if (this.#phase === 'stopping' && mode === 'cut') this.#cutShort?.();
    if (this.#isEnding()) return;
    this.#phase = 'stopping';
    this.#controls?.close();
    this.#log.line('SIGINT/SIGTERM received...killing workers...');
    const generation = this.#generation;
    generation?.leave('stop');
    this.#sockets.close();
    if (mode === 'drain' && generation !== undefined)
      await this.#drain(generation.config.options['reload-mercy'] * 1000);
    this.#sockets.destroy();
    await generation?.stop();
    await this.#finish(exitCode);
  }

  /** Answers what has been accepted, for as long as `mercyMs`. */
  async #drain(mercyMs: number): Promise<void> {
    const { promise: mercy, resolve } = Promise.withResolvers<void>();
    const deadline = performance.now() + mercyMs;
    const timer = setTimeout(resolve, mercyMs);
    this.#cutShort = resolve;
    await Promise.race([mercy, this.#sockets.drain()]);
    clearTimeout(timer);
    await this.#generation?.retire(Math.max(0, deadline - performance.now()), 'stop');
  }

  async #finish(exitCode: number): Promise<void> {
    if (this.#phase === 'stopped') return;
    this.#phase = 'stopped';
    this.#log.line('goodbye to uWSGI.');
    if (this.#generation !== undefined) {
      this.#vacuum(this.#generation.config);
      this.#runLastHooks();
    }
    this.#runtimeDirectory.remove();
    this.#control?.tell({ ended: exitCode });
    this.#control?.close();
    this.#stats?.close();
    this.#emperor?.close();
    await this.#log.close();
    this.#end(exitCode);
  }

  #vacuum(config: Config): void {
    const removed = removePidfiles(config);
    if (!config.options.vacuum) return;
    for (const name of removed) this.#log.line(`VACUUM: ${name.replace('-', ' ')} removed.`);
    for (const text of this.#sockets.removeFiles()) this.#log.line(text);
  }

  #happen(happening: HookHappening): void {
    if (this.#generation !== undefined) runHappening(this.#generation.config, happening, this.#log);
  }

  /** Nothing that fails here can be mended any more: it is only said. */
  #runLastHooks(): void {
    try {
      if (this.#generation !== undefined) runHooks(this.#generation.config, 'as-user-atexit', this.#log);
    } catch (error) {
      this.#log.line(error instanceof Error ? error.message : String(error));
    }
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
      accepting: () => this.#emperor?.accepting(),
      reload: () => void this.reload(),
      stop: (mode, exitCode) => void this.stop(mode, exitCode),
      diesOnIdle: generation.config.options['die-on-idle'],
    });
  }

  #openControlSocket(): void {
    const path = process.env[CONTROL_SOCKET_VARIABLE];
    if (path === undefined || path === '') return;
    const control = new ControlSocket(path, {
      status: () => this.#views.status(),
      statistics: () => this.#views.statistics(),
      configuration: () => this.#views.configuration(),
      reload: async () => {
        await this.reload();
        return this.#isEnding() ? undefined : this.#figures.lastReload;
      },
      stop: () => void this.stop('drain'),
      said: () => this.#emperor?.said ?? [],
    });
    this.#control = control;
    if (this.#emperor !== undefined) this.#emperor.onTold = (byte) => control.tell({ said: [byte] });
  }

  #announce(config: Config, logs: Logs): void {
    const { line } = this.#log;
    if (this.#emperor !== undefined)
      logs.stderr.line(`*** has_emperor mode detected (fd: ${this.#emperor.descriptor}) ***`);
    for (const notice of config.notices) logs.stderr.line(notice);
    for (const text of banner(config, ctime(Math.floor(Date.now() / 1000)))) line(text);
    for (const notice of logs.notices) line(notice);
  }
}

const NOTHING_TO_LISTEN_ON = `The -s/--socket option is missing and stdin is not a socket.
There is nothing to listen on: add --http-socket :8000 (HTTP, to be opened in a browser), --http :8000 (the router) or --socket 127.0.0.1:8001 (the uwsgi protocol, behind nginx).`;
