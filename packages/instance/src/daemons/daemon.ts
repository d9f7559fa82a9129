import { writeFileSync } from 'node:fs';

import { CommandRun, type RunEnd } from '../command-run.ts';
import { isRunning, pidOfFile, processWith, signalGroup } from '../process-table.ts';
import type { DaemonSpec } from './daemon-spec.ts';
import { DaemonThrottle } from './daemon-throttle.ts';

/** Time between two looks at a program that is not our child while something is to happen with it. */
const IMPATIENT_MS = 1000;
const MARKER = 'EMPEROR_DAEMON';

/**
 * Where a daemon is:
 *
 *     down --start--> running --ends--> throttled --time--> running
 *               |        `--went to the background--> background --gone--> running
 *               `--pidfile names a live process------------^
 */
type State =
  | { readonly kind: 'down' }
  | { readonly kind: 'running'; readonly run: CommandRun }
  /** Not our child (any more). `pid` is undefined until its pidfile is there, at most until `deadlineMs`. */
  | {
      readonly kind: 'background';
      readonly pid: number | undefined;
      readonly sinceMs: number;
      readonly deadlineMs: number;
    }
  | { readonly kind: 'throttled'; readonly timer: NodeJS.Timeout };

/** What a daemon needs of its instance. */
export interface DaemonSurroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly log: { line(text: string): void; dated(text: string): void };
  /** A control daemon has ended. */
  readonly onControlEnd: () => void;
}

/** As the statistics show it (UWSGI-FACTS 16.6). */
export interface DaemonInfo {
  readonly cmd: string;
  readonly pid: number;
  readonly respawns: number;
}

let lastMarker = 0;

/** One program that lives with the instance: started, started again when it ends, stopped. */
export class Daemon {
  readonly spec: DaemonSpec;
  readonly #surroundings: DaemonSurroundings;
  readonly #throttle: DaemonThrottle;
  readonly #marker = `${process.pid}-${++lastMarker}`;
  #state: State = { kind: 'down' };
  #watch: NodeJS.Timeout | undefined;
  #starts = 0;
  #pid = 0;
  #stopping: (() => void) | undefined;

  constructor(spec: DaemonSpec, surroundings: DaemonSurroundings) {
    this.spec = spec;
    this.#surroundings = surroundings;
    this.#throttle = new DaemonThrottle(spec.maxThrottleSeconds);
  }

  get info(): DaemonInfo {
    return { cmd: this.spec.command, pid: this.#pid, respawns: Math.max(0, this.#starts - 1) };
  }

  /** Starts it, unless its pidfile says that it runs. */
  start(): void {
    const found = this.spec.pidfile === undefined ? undefined : pidOfFile(this.spec.pidfile);
    if (found === undefined) {
      this.#spawn();
      return;
    }
    this.#line(`found valid/active pidfile for "${this.spec.command}" (pid: ${found})`);
    this.#watchBackground(found);
  }

  /** Has it started again, as if it had ended by itself. */
  restart(path: string): void {
    const { command, stopSignal } = this.spec;
    this.#surroundings.log.dated(
      `*** ${path} has been touched... reloading daemon "${command}" (pid: ${this.#pid}) !!! ***`,
    );
    if (this.#state.kind === 'running') this.#state.run.signal(stopSignal);
    if (this.#state.kind === 'background' && this.#state.pid !== undefined) {
      signalGroup(this.#state.pid, stopSignal);
      this.#lookEvery(IMPATIENT_MS);
    }
  }

  /**
   * Ends it; a smart daemon lives on. By force when it still runs after `mercyMs`.
   * Resolves when it is gone.
   */
  async stop(reason: 'reload' | 'stop', mercyMs: number): Promise<void> {
    const { command, stopSignal, reloadSignal, pidfile, isNotified } = this.spec;
    const signal = reason === 'reload' ? reloadSignal : stopSignal;
    clearInterval(this.#watch);
    const state = this.#state;
    if (state.kind === 'throttled') clearTimeout(state.timer);
    if (pidfile !== undefined) {
      if (state.kind === 'running') state.run.letGo();
      if (isNotified && this.#pid > 0) signalGroup(this.#pid, signal);
      this.#state = { kind: 'down' };
      return;
    }
    if (state.kind === 'down' || state.kind === 'throttled') {
      this.#state = { kind: 'down' };
      return;
    }
    this.#line(`stopping daemon (pid: ${this.#pid}): ${command}`);
    const gone = new Promise<void>((resolve) => {
      this.#stopping = resolve;
    });
    const force = setTimeout(() => {
      this.#line(`daemon did not die in time, killing (pid: ${this.#pid}): ${command}`);
      signalGroup(this.#pid, 'SIGKILL');
    }, mercyMs);
    if (state.kind === 'running') {
      state.run.signal(signal);
    } else {
      signalGroup(this.#pid, signal);
      this.#lookEvery(IMPATIENT_MS / 10);
    }
    await gone;
    clearTimeout(force);
  }

  #line(text: string): void {
    this.#surroundings.log.line(`[uwsgi-daemons] ${text}`);
  }

  #spawn(): void {
    const { spec } = this;
    const verb = this.#starts++ === 0 ? 'spawning' : 'respawning';
    const uid = spec.uid ?? process.getuid?.() ?? 0;
    const gid = spec.gid ?? process.getgid?.() ?? 0;
    this.#line(`${verb} "${spec.command}" (uid: ${uid} gid: ${gid})`);
    const environment = { ...this.#surroundings.environment, [MARKER]: this.#marker };
    const run: CommandRun = new CommandRun(
      {
        ...spec,
        environment,
        output:
          spec.pidfile === undefined ? (line) => this.#surroundings.log.line(`[${spec.name}] ${line}`) : undefined,
      },
      (end) => this.#onRunEnd(run, end),
    );
    this.#pid = run.pid;
    this.#state = { kind: 'running', run };
    if (spec.pidfile === undefined) return;
    if (spec.staysInForeground) this.#writePidfile(spec.pidfile, run.pid);
    else this.#remindToDaemonize(run);
  }

  #writePidfile(path: string, pid: number): void {
    this.#surroundings.log.line(`writing pidfile to ${path}`);
    try {
      writeFileSync(path, `${pid}\n`);
    } catch (error) {
      this.#line(
        `cannot write the pidfile ${path} of "${this.spec.command}": ${(error as Error).message}; it will be started a second time after a restart of the instance`,
      );
    }
  }

  /** Once: it may be slow, or not made for the background. */
  #remindToDaemonize(run: CommandRun): void {
    this.#watch = setTimeout(() => {
      if (this.#state.kind === 'running' && this.#state.run === run)
        this.#surroundings.log.dated(
          `[uwsgi-daemons] "${this.spec.command}" (pid: ${run.pid}) did not daemonize !!! (a program that stays in the foreground needs smart-attach-daemon2)`,
        );
    }, this.spec.frequencySeconds * 1000).unref();
  }

  #onRunEnd(run: CommandRun, { status, error }: RunEnd): void {
    const { spec } = this;
    clearTimeout(this.#watch);
    if (this.#stopping !== undefined) return this.#finishStop();
    if (this.#state.kind !== 'running') return;
    if (error !== undefined) this.#line(`cannot start "${spec.command}": ${error.message}`);
    if (spec.isControl) {
      this.#state = { kind: 'down' };
      this.#line(`the control daemon "${spec.command}" (pid: ${run.pid}) ended: so does the instance`);
      this.#surroundings.onControlEnd();
    } else if (spec.pidfile !== undefined && !spec.staysInForeground && status === 0) {
      this.#watchBackground(undefined);
    } else {
      this.#adoptOrThrottle(run, status);
    }
  }

  /** It was to stay in the foreground. When it has left a process in the background that is the daemon; a second one would only get in its way. */
  #adoptOrThrottle(run: CommandRun, status: number | null): void {
    const left = status === 0 ? processWith(`${MARKER}=${this.#marker}`, run.pid) : undefined;
    if (left === undefined) {
      this.#respawnLater(performance.now() - run.startedAtMs);
      return;
    }
    this.#line(
      `"${this.spec.command}" (pid: ${run.pid}) went to the background (pid: ${left}) and is watched there: give it its option for the foreground, or use smart-attach-daemon`,
    );
    this.#watchBackground(left);
  }

  #respawnLater(livedMs: number): void {
    const seconds = this.#throttle.delaySeconds(livedMs);
    if (seconds === 0) {
      this.#spawn();
      return;
    }
    this.#line(`throttling "${this.spec.command}" for ${seconds} seconds`);
    this.#state = { kind: 'throttled', timer: setTimeout(() => this.start(), seconds * 1000) };
  }

  // ---- a daemon that is not our child

  /** @param pid undefined: its pidfile is not written yet */
  #watchBackground(pid: number | undefined): void {
    const now = performance.now();
    const patienceMs = this.spec.frequencySeconds * 1000;
    this.#state = { kind: 'background', pid, sinceMs: now, deadlineMs: now + patienceMs };
    if (pid !== undefined) this.#pid = pid;
    this.#lookEvery(pid === undefined || this.spec.pidfile === undefined ? IMPATIENT_MS / 10 : patienceMs);
  }

  #lookEvery(ms: number): void {
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.#look(), ms);
    this.#watch.unref();
  }

  #look(): void {
    const { command, pidfile } = this.spec;
    const state = this.#state;
    if (state.kind !== 'background') return;
    const pid = pidfile === undefined ? state.pid : pidOfFile(pidfile);
    if (pid !== undefined && isRunning(pid)) {
      if (pid === state.pid) return;
      this.#line(`found changed pid for "${command}" (old_pid: ${this.#pid} new_pid: ${pid})`);
      this.#watchBackground(pid);
      return;
    }
    if (state.pid === undefined && performance.now() < state.deadlineMs) return;
    clearInterval(this.#watch);
    if (this.#stopping !== undefined) return this.#finishStop();
    if (state.pid === undefined)
      this.#surroundings.log.dated(`[uwsgi-daemons] "${command}" (pid: ${this.#pid}) did not daemonize !!!`);
    this.#respawnLater(performance.now() - state.sinceMs);
  }

  #finishStop(): void {
    clearInterval(this.#watch);
    this.#state = { kind: 'down' };
    this.#stopping?.();
  }
}
