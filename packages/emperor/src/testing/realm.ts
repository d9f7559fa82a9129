import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { Emperor } from '../emperor.ts';
import { EventFan } from '../event-fan.ts';
import type { EmperorEvent } from '../events.ts';
import { NO_LIMITS } from '../limits/resource-limits.ts';
import { SocketStore } from '../on-demand/socket-store.ts';
import { UNCONFINED } from '../vassal/confinement.ts';
import { RuntimeDirectory } from '../runtime-directory.ts';
import { VassalHooks } from '../hooks/vassal-hooks.ts';
import { ControlGroups } from '../limits/control-groups.ts';
import type { EmperorSettings } from '../settings.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));

/** Nothing in a test takes this long. */
const PATIENCE_MS = 20_000;

export const SETTINGS: EmperorSettings = {
  patterns: ['*.ini'],
  // The watcher has to do the work.
  scanIntervalMs: 60_000,
  followSymlinks: true,
  tyrant: 'off',
  extraExtensions: [],
  throttle: { baseDelayMs: 20, maximumDelayMs: 60_000 },
  stopMercyMs: 5000,
  heartbeatToleranceMs: 30_000,
  gracefulShutdown: false,
  argumentsBefore: [],
  argumentsAfter: [],
  wrappers: { overrides: [], ordinary: undefined, fallbacks: [] },
  processName: undefined,
  stats: undefined,
  metrics: undefined,
  adminSite: undefined,
  runtimeDirectory: undefined,
  dieWithEmperor: true,
  seeds: {
    sockets: {
      extension: undefined,
      directory: undefined,
      holdDirectory: undefined,
      command: undefined,
      isTyrant: false,
    },
    limits: NO_LIMITS,
  },
  confinement: UNCONFINED,
  hooks: { start: undefined, stop: undefined, launched: [], emperorStart: [] },
  pidFile: undefined,
  welcome: false,
};

type EventOf<Type extends EmperorEvent['type']> = Extract<EmperorEvent, { readonly type: Type }>;

/** An emperor over a directory of its own, whose vassals are fixture programs: `never-ready.ini` runs `never-ready.sh`. */
export class Realm {
  readonly directory: string = realpathSync(mkdtempSync(join(tmpdir(), 'emperor-realm-')));
  readonly events: EmperorEvent[] = [];
  readonly fan: EventFan = new EventFan((event) => this.events.push(event));
  readonly runtime: RuntimeDirectory = RuntimeDirectory.takeTemporary();
  readonly emperor: Emperor;
  #stopped = false;

  constructor(settings: Partial<EmperorSettings> = {}) {
    this.emperor = new Emperor(
      { ...SETTINGS, ...settings },
      {
        workingDirectory: this.directory,
        isVassal: false,
        parallelStarts: 2,
        places: this.runtime.places,
        sockets: new SocketStore(),
        groups: new ControlGroups(),
        hooks: new VassalHooks(
          { ...SETTINGS.hooks, ...settings.hooks },
          {
            environment: () => ({ PATH: process.env['PATH'] }),
            output: 'capture',
            report: (event) => this.fan.tell(event),
          },
        ),
        launch: (file, id, socket) => ({
          name: file.name,
          file: join(FIXTURES, `${basename(file.argument, '.ini')}.sh`),
          arguments: ['--ini', file.argument],
          environment: {
            PATH: process.env['PATH'],
            NODE: process.execPath,
            UWSGI_EMPEROR_FD: '3',
            EMPEROR_CONTROL_SOCKET: this.runtime.places.socketOf(id),
          },
          workingDirectory: file.workingDirectory,
          output: 'capture',
          socket: socket?.descriptor,
          user: undefined,
          confinement: UNCONFINED,
          outlives: false,
          isForeign: true,
          startHook: settings.hooks?.start,
          group: undefined,
        }),
        report: (event) => this.fan.tell(event),
      },
    );
  }

  /** Puts files there and starts the emperor. */
  static async start(files: readonly string[], settings: Partial<EmperorSettings> = {}): Promise<Realm> {
    const realm = new Realm(settings);
    for (const file of files) realm.put(file);
    await realm.emperor.start();
    return realm;
  }

  put(file: string, content = '[uwsgi]\n'): void {
    const path = join(this.directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  /** An older time is a change too. */
  touch(file: string): void {
    const moment = new Date(Date.now() - 10_000 - Math.random() * 1e6);
    utimesSync(join(this.directory, file), moment, moment);
  }

  remove(path: string): void {
    rmSync(join(this.directory, path), { recursive: true });
  }

  /** The first event of a type, about a vassal, that has come or will come from position `from` on. */
  async event<Type extends EmperorEvent['type']>(type: Type, vassal?: string, from = 0): Promise<EventOf<Type>> {
    const fits = (event: EmperorEvent): event is EventOf<Type> =>
      event.type === type && (vassal === undefined || ('vassal' in event && event.vassal === vassal));
    const past = this.events.slice(from).find(fits);
    if (past !== undefined) return past;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no ${type} of ${vassal}; ${JSON.stringify(this.events)}`)),
        PATIENCE_MS,
      );
      const forget = this.fan.listen((event) => {
        if (!fits(event)) return;
        clearTimeout(timer);
        forget();
        resolve(event);
      });
    });
  }

  /** Where the next event will be. */
  get mark(): number {
    return this.events.length;
  }

  /** The events about a vassal, its output apart, without the part `vassal-` of their names. */
  story(vassal: string): string[] {
    return this.events
      .filter((event) => 'vassal' in event && event.vassal === vassal && event.type !== 'vassal-output')
      .map((event) => event.type.replace('vassal-', ''));
  }

  pid(vassal: string): number {
    const phase = this.emperor.vassals.get(vassal)?.state.phase;
    if (phase === undefined || !('pid' in phase)) throw new Error(`${vassal} has no process`);
    return phase.pid;
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await this.emperor.stop('SIGTERM');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.runtime.release();
    rmSync(this.directory, { recursive: true, force: true });
    const left = this.events.flatMap((event) =>
      event.type === 'vassal-launched' && isRunning(event.pid) ? [event.pid] : [],
    );
    if (left.length > 0) throw new Error(`left running: ${left.join(' ')}`);
  }
}

/** Ends when the process has ended; the kernel takes a moment to end one that was killed. */
export async function untilGone(pid: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (isRunning(pid)) {
    if (performance.now() > deadline) throw new Error(`process ${pid} is still there`);
    await setImmediate();
  }
}

/** Whether the process exists and is no zombie. */
function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.charAt(stat.lastIndexOf(')') + 2) !== 'Z';
  } catch {
    return false;
  }
}
