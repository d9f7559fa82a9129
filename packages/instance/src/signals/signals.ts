import type { Config, Entry } from '@emperor/config';
import type { ControlNextRun } from '@emperor/protocol';

import { type CronTime, isDue, nextRun, seenAfter } from '../cron/cron-time.ts';
import type { Service, ServiceCall, ServiceContext, ServiceKind } from '../service.ts';
import { StartError } from '../start-error.ts';
import { TouchWatch } from '../touch-watch.ts';
import { FileMonitor, fileVersion } from './file-monitor.ts';
import { deliver, readReceiver } from './signal-target.ts';

const CRON_TICK_MS = 1000;
/** When there is no worker just now. */
const TRY_AGAIN_MS = 100;
const MAX_TRIES = 100;

interface SignalCron {
  readonly signal: number;
  readonly time: CronTime;
  seen: number | undefined;
}

/**
 * uWSGI's signals: what raises them (the app, timers, clocks, files) and who handles them. The functions themselves are known only to the
 * Python processes.
 */
class Signals implements Service {
  readonly calls: Readonly<Record<string, ServiceCall>> = {
    register_signal: ([signal, target]) => this.#register(signal as number, target as string),
    signal_registered: ([signal]) => this.#targets.has(signal as number),
    signal: ([signal]) => this.raise(signal as number),
    add_timer: ([signal, seconds, times]) => this.#addTimer(signal as number, seconds as number, times as number),
    add_cron: ([signal, ...fields]) => this.#addCron(signal as number, fields as number[]),
    add_file_monitor: ([signal, path]) => this.#addFileMonitor(signal as number, path as string),
  };
  readonly #context: ServiceContext;
  readonly #targets = new Map<number, string>();
  /** To be started when this generation begins; what comes later starts at once. */
  readonly #waiting = new Map<string, () => void>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #monitors = new Set<FileMonitor>();
  readonly #crons: SignalCron[] = [];
  readonly #touch = new TouchWatch();
  readonly #files: readonly (readonly [path: string, signal: number])[];
  #phase: 'loading' | 'running' | 'over' = 'loading';

  constructor(config: Config, context: ServiceContext) {
    this.#context = context;
    this.#files = config.entriesOf('touch-signal', 'fs-signal').map((entry) => {
      const [path = '', signal] = words(entry, 2, 'FILE SIGNAL');
      return [path, signalNumber(entry, signal)];
    });
    for (const entry of config.entriesOf('signal-timer', 'signal-rbtimer')) {
      const [signal, seconds, times = '0'] = words(entry, 2, 'SIGNAL SECONDS');
      this.#addTimer(signalNumber(entry, signal), Number(seconds), Number(times));
    }
  }

  begin(): void {
    this.#phase = 'running';
    for (const start of this.#waiting.values()) start();
    for (const [path, signal] of this.#files) this.#touch.add(path, () => this.raise(signal), this.#context.log.line);
  }

  retire(): void {
    this.#stop();
  }

  end(): void {
    this.#stop();
  }

  nextRuns(): ControlNextRun[] {
    return this.#crons.flatMap(({ signal, time }) => {
      const at = nextRun(time, Date.now());
      return at === undefined ? [] : [{ at, what: `signal ${signal} of the app` }];
    });
  }

  /** Has the function of a signal called. */
  raise(signal: number, tries: number = 0): void {
    const app = this.#context.app();
    const target = this.#targets.get(signal) ?? '';
    const receiver = readReceiver(target);
    if (receiver === undefined) {
      this.#context.log.line(`^^^ UNSUPPORTED SIGNAL TARGET: ${target} ^^^`);
      return;
    }
    if (app === undefined || deliver(app, signal, receiver) > 0) return;
    if (tries < MAX_TRIES && this.#phase !== 'over') {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.raise(signal, tries + 1);
      }, TRY_AGAIN_MS).unref();
      this.#timers.add(timer);
    } else {
      this.#context.log.line(
        `could not deliver signal ${signal} to ${target === '' ? 'a worker' : target}: there is none`,
      );
    }
  }

  #register(signal: number, target: string): void {
    const isNew = this.#targets.get(signal) !== target;
    this.#targets.set(signal, target);
    if (isNew)
      this.#context.log.line(
        `[uwsgi-signal] signum ${signal} registered (wid: 0 modifier1: 0 target: ${target === '' ? 'default, any worker' : target})`,
      );
  }

  /** What every worker asks for (`lazy-apps`) is done once. */
  #once(key: string, start: () => void): void {
    if (this.#waiting.has(key)) return;
    this.#waiting.set(key, start);
    if (this.#phase === 'running') start();
  }

  /** @param times 0: for ever */
  #addTimer(signal: number, seconds: number, times: number): void {
    if (!(seconds > 0)) return;
    this.#once(`timer ${signal} ${seconds} ${times}`, () => {
      let left = times;
      const timer = setInterval(() => {
        this.raise(signal);
        if (--left !== 0) return;
        clearInterval(timer);
        this.#timers.delete(timer);
      }, seconds * 1000).unref();
      this.#timers.add(timer);
    });
  }

  #addCron(signal: number, [minute = -1, hour = -1, day = -1, month = -1, week = -1]: readonly number[]): void {
    const time = { minute, hour, day, month, week };
    this.#once(`cron ${signal} ${JSON.stringify(time)}`, () => {
      if (this.#crons.length === 0) this.#timers.add(setInterval(() => this.#tick(), CRON_TICK_MS).unref());
      this.#crons.push({ signal, time, seen: undefined });
    });
  }

  #tick(): void {
    const now = Date.now();
    for (const cron of this.#crons) {
      const { seen } = cron;
      cron.seen = seenAfter(now, seen);
      if (!isDue(cron.time, now, seen)) continue;
      this.#context.log.dated(`[uwsgi-cron] routing signal ${cron.signal}`);
      this.raise(cron.signal);
    }
  }

  #addFileMonitor(signal: number, path: string): void {
    const asked = fileVersion(path);
    this.#once(`file ${signal} ${path}`, () => {
      try {
        this.#monitors.add(new FileMonitor(path, () => this.raise(signal)));
        // It may have changed while the workers were starting.
        if (fileVersion(path) !== asked) this.raise(signal);
      } catch (error) {
        this.#context.log.line(`cannot watch "${path}" for signal ${signal}: ${(error as Error).message}`);
      }
    });
  }

  #stop(): void {
    this.#phase = 'over';
    this.#touch.stop();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const monitor of this.#monitors) monitor.close();
  }
}

function words({ key, value, origin }: Entry, least: number, form: string): string[] {
  const found = value.split(/\s+/).filter((word) => word !== '');
  if (found.length < least)
    throw new StartError(`${origin.source}:${origin.line}: ${key} = ${value}: expected ${form}`);
  return found;
}

function signalNumber({ key, value, origin }: Entry, text: string | undefined): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 255)
    throw new StartError(`${origin.source}:${origin.line}: ${key} = ${value}: signals are numbered from 0 to 255`);
  return number;
}

export const SIGNALS: ServiceKind = {
  name: 'signals',
  create(config: Config, context: ServiceContext): Service {
    return new Signals(config, context);
  },
};
