import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';

import { Lifeline } from '@emperor/posix';
import { RespawnThrottle } from '@emperor/worker';

/** What the workers of one configuration have in common. */
export interface ExecutedProgram {
  readonly file: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The listening socket, which the program has as its standard input. */
  readonly socket: number;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** The longest wait before one that keeps ending is started again. */
  readonly longestDelayMs: number;
  readonly log: (line: string) => void;
}

/** One worker that is a program of the user's: started, started again when it ends, ended. */
export class ExecutedWorker {
  readonly id: number;
  readonly #program: ExecutedProgram;
  readonly #throttle: RespawnThrottle;
  #child: ChildProcess | undefined;
  #startedAtMs = 0;
  #retry: NodeJS.Timeout | undefined;
  #onGone: (() => void) | undefined;

  constructor(id: number, program: ExecutedProgram) {
    this.id = id;
    this.#program = program;
    this.#throttle = new RespawnThrottle(program.longestDelayMs);
  }

  /** 0 while there is none. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  start(): void {
    this.#spawn();
    if (this.pid > 0) this.#program.log(`spawned uWSGI worker ${this.id} (pid: ${this.pid}, cores: 1)`);
  }

  /** Ends it, by force after `mercyMs`. Resolves when it is gone. */
  async end(signal: NodeJS.Signals, mercyMs: number): Promise<void> {
    clearTimeout(this.#retry);
    const child = this.#child;
    const gone = new Promise<void>((resolve) => {
      this.#onGone = resolve;
    });
    if (child === undefined) return;
    const force = setTimeout(() => child.kill('SIGKILL'), mercyMs);
    child.kill(signal);
    await gone;
    clearTimeout(force);
  }

  #spawn(): void {
    const { file, environment, socket, uid, gid } = this.#program;
    const lifeline = new Lifeline();
    const child = spawn(file, {
      detached: true,
      env: environment,
      stdio: [socket, 'inherit', 'inherit', lifeline.inherited],
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    this.#child = child;
    this.#startedAtMs = performance.now();
    if (child.pid !== undefined) lifeline.tie(child.pid);
    child.once('error', (error) => {
      lifeline.drop();
      this.#onEnd(`cannot execute "${file}": ${error.message}`);
    });
    child.once('exit', (_status, signal) => {
      lifeline.release();
      const reason = signal === null ? 'died' : `died, killed by signal ${constants.signals[signal]}`;
      this.#onEnd(`DAMN ! worker ${this.id} (pid: ${child.pid}) ${reason} :( trying respawn ...`);
    });
  }

  #onEnd(report: string): void {
    this.#child = undefined;
    if (this.#onGone !== undefined) return this.#onGone();
    const { log } = this.#program;
    log(report);
    const delayMs = this.#throttle.delayMs(performance.now() - this.#startedAtMs);
    if (delayMs > 0) log(`worker respawning too fast !!! i have to sleep a bit (${delayMs / 1000} seconds)...`);
    this.#retry = setTimeout(() => {
      this.#spawn();
      if (this.pid > 0) log(`Respawned uWSGI worker ${this.id} (new pid: ${this.pid})`);
    }, delayMs);
  }
}
