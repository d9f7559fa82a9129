import { CommandRun } from '../command-run.ts';
import type { InstanceLog } from '../instance-log.ts';
import type { CronSpec } from './cron-spec.ts';

export interface CronSurroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Pick<InstanceLog, 'line' | 'printed' | 'dated'>;
}

/** As the statistics show it, with uWSGI's names. */
export interface CronInfo {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  readonly week: number;
  readonly command: string;
  readonly unique: number;
  readonly legion: '';
  /** Of its last run that has not ended; -1 when there is none. */
  readonly pid: number;
  /** Unix time in seconds. */
  readonly started_at: number;
}

/** One cron entry and those of its runs that have not ended. */
export class CronJob {
  readonly spec: CronSpec;
  readonly #surroundings: CronSurroundings;
  readonly #runs = new Set<CommandRun>();
  #startedAt = 0;
  #onIdle: (() => void) | undefined;

  constructor(spec: CronSpec, surroundings: CronSurroundings) {
    this.spec = spec;
    this.#surroundings = surroundings;
  }

  get info(): CronInfo {
    const { time, command, isUnique } = this.spec;
    const pid = [...this.#runs].at(-1)?.pid ?? -1;
    return { ...time, command, unique: isUnique ? 1 : 0, legion: '', pid, started_at: pid > 0 ? this.#startedAt : 0 };
  }

  /** Starts the command; a unique one only when it does not run. */
  run(): void {
    const { command, isUnique, harakiriSeconds } = this.spec;
    const { log, environment } = this.#surroundings;
    const [running] = this.#runs;
    if (isUnique && running !== undefined) {
      log.dated(`[uwsgi-cron] "${command}" is still running (pid ${running.pid}) and not started again`);
      return;
    }
    let harakiri: NodeJS.Timeout | undefined;
    let isKilled = false;
    const run: CommandRun = new CommandRun({ command, environment, output: log.printed }, ({ error }) => {
      clearTimeout(harakiri);
      this.#runs.delete(run);
      const seconds = Math.ceil((performance.now() - run.startedAtMs) / 1000);
      if (error !== undefined) log.line(`[uwsgi-cron] cannot run "${command}": ${error.message}`);
      else if (!isKilled)
        log.line(`[uwsgi-cron] command "${command}" running with pid ${run.pid} exited after ${seconds} second(s)`);
      if (this.#runs.size === 0) this.#onIdle?.();
    });
    this.#runs.add(run);
    this.#startedAt = Math.floor(Date.now() / 1000);
    log.dated(`[uwsgi-cron] running "${command}" (pid ${run.pid})`);
    if (harakiriSeconds === 0) return;
    harakiri = setTimeout(() => {
      log.line(`*** HARAKIRI ON CRON "${command}" (pid: ${run.pid}) ***`);
      isKilled = true;
      run.signal('SIGKILL');
    }, harakiriSeconds * 1000);
  }

  /** Ends what still runs, by force after `mercyMs`. */
  async stop(mercyMs: number): Promise<void> {
    if (this.#runs.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onIdle = resolve;
    const signalAll = (signal: NodeJS.Signals): void => {
      for (const run of this.#runs) run.signal(signal);
    };
    signalAll('SIGTERM');
    const force = setTimeout(() => signalAll('SIGKILL'), mercyMs);
    await promise;
    clearTimeout(force);
  }
}
