import type { Config } from '@emperor/config';
import type { ControlNextRun } from '@emperor/protocol';

import { appEnvironment } from '../app-settings.ts';
import type { InstanceLog } from '../instance-log.ts';
import type { Service, ServiceContext, ServiceKind } from '../service.ts';
import { type CronInfo, CronJob } from './cron-job.ts';
import { CronMemory } from './cron-memory.ts';
import { type CronSpec, cronSpecs } from './cron-spec.ts';
import { isDue, minuteOf, nextRun, seenAfter } from './cron-time.ts';

const TICK_MS = 1000;
/** Time the commands that run at a stop have to end. */
const MERCY_MS = 10_000;

/** The cron commands of an instance. A reload hands over which minutes are done and which commands still run. */
class Crons implements Service {
  readonly #jobs: readonly CronJob[];
  readonly #memory: CronMemory;
  readonly #log: InstanceLog;
  /** By job: the last minute looked at. */
  readonly #seen = new Map<CronJob, number | undefined>();
  /** Commands that an earlier configuration has started. */
  #inherited: readonly CronJob[];
  #ticker: NodeJS.Timeout | undefined;
  #isReplaced = false;

  constructor(jobs: readonly CronJob[], memory: CronMemory, log: InstanceLog, predecessor: Crons | undefined) {
    this.#jobs = jobs;
    this.#log = log;
    this.#memory = memory;
    this.#inherited = predecessor === undefined ? [] : [...predecessor.#inherited, ...predecessor.#jobs];
  }

  status(): readonly CronInfo[] {
    return this.#jobs.map(({ info }) => info);
  }

  roles(): (readonly [number, string])[] {
    return this.#jobs.map(({ info }) => [info.pid, `cron "${info.command}"`]);
  }

  nextRuns(): ControlNextRun[] {
    return this.#jobs.flatMap(({ spec }) => {
      const at = nextRun(spec.time, Date.now());
      return at === undefined ? [] : [{ at, what: spec.command }];
    });
  }

  /** The job of the same entry, which may be running. */
  jobLike(spec: CronSpec): CronJob | undefined {
    const text = JSON.stringify(spec);
    return this.#jobs.find((job) => JSON.stringify(job.spec) === text);
  }

  prepare(): void {
    for (const { spec } of this.#jobs) this.#log.line(`[uwsgi-cron] command "${spec.command}" registered as cron task`);
  }

  begin(): void {
    this.#inherited = this.#inherited.filter((job) => job.info.pid > 0 && !this.#jobs.includes(job));
    for (const job of this.#jobs) this.#seen.set(job, this.#memory.seen(job.spec.command));
    this.#tick();
    if (this.#jobs.length > 0) this.#ticker = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  retire(reason: 'reload' | 'stop'): void {
    clearInterval(this.#ticker);
    this.#isReplaced = reason === 'reload';
  }

  async end(): Promise<void> {
    clearInterval(this.#ticker);
    if (this.#isReplaced) return;
    await Promise.all([...this.#inherited, ...this.#jobs].map((job) => job.stop(MERCY_MS)));
  }

  #tick(): void {
    const now = Date.now();
    for (const job of this.#jobs) {
      const seen = this.#seen.get(job);
      this.#seen.set(job, seenAfter(now, seen));
      if (!isDue(job.spec.time, now, seen)) continue;
      // First: better not at all than twice.
      this.#memory.note(job.spec.command, minuteOf(now));
      job.run();
    }
  }
}

export const CRONS: ServiceKind = {
  name: 'crons',
  create(config: Config, { log, directory }: ServiceContext, predecessor: Service | undefined): Service | undefined {
    const before = predecessor instanceof Crons ? predecessor : undefined;
    const specs = cronSpecs(config);
    if (specs.length === 0 && before === undefined) return undefined;
    const surroundings = { environment: appEnvironment(config), log };
    const jobs = specs.map((spec) => before?.jobLike(spec) ?? new CronJob(spec, surroundings));
    const memory = new CronMemory([directory, ...specs.map(({ command }) => command)].join('\0'));
    return new Crons(jobs, memory, log, before);
  },
};
