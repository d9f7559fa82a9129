import type { Config, OptionName } from '@emperor/config';
import type { ControlStatus } from '@emperor/protocol';
import type { AppServer } from '@emperor/worker';

import type { Generation } from './generation.ts';
import type { InstanceFigures } from './instance-figures.ts';
import { ProcessMeter } from './process-figures.ts';
import type { InstanceSocket } from './sockets.ts';

/** What the status is made of. */
export interface StatusSource {
  readonly state: string;
  readonly generation: Generation | undefined;
  readonly sockets: readonly InstanceSocket[];
  readonly logLinesDropped: number;
}

/** What the emperor and its views are told about an instance beyond the one-byte protocol. */
export class StatusReport {
  readonly #figures: InstanceFigures;
  readonly #source: () => StatusSource;
  readonly #processes = new ProcessMeter(process.pid, () => rolesIn(this.#source().generation));

  constructor(figures: InstanceFigures, source: () => StatusSource) {
    this.#figures = figures;
    this.#source = source;
  }

  read(): ControlStatus {
    const { state, generation, sockets, logLinesDropped } = this.#source();
    const { counters, lastReload, ...figures } = this.#figures;
    const { memory, ...processes } = this.#processes.read(performance.now());
    const [, informational = 0, success = 0, redirect = 0, client = 0, server = 0] = counters.byClass;
    const now = performance.now();
    return {
      state,
      pid: process.pid,
      startedAt: figures.startedAt,
      requests: counters.requests,
      responses: { '1xx': informational, '2xx': success, '3xx': redirect, '4xx': client, '5xx': server },
      bytesOut: counters.bytesOut,
      ...describeApp(generation?.app),
      queueRefused: figures.app.refused,
      exceptions: figures.app.exceptions,
      respawns: figures.app.respawns,
      harakiris: figures.app.harakiris,
      openConnections: sockets.reduce((sum, socket) => sum + socket.connectionCount, 0),
      recent: figures.recent.read(now),
      latency: figures.latency,
      queueTime: figures.app.queueTime,
      serviceTime: figures.app.serviceTime,
      ...processes,
      memory: { ...memory, limits: memoryLimits(generation?.config) },
      reloads: figures.reloads,
      ...(lastReload === undefined ? {} : { lastReload }),
      logLinesDropped,
      configProblems: figures.configProblems,
      services: generation?.servicesStatus ?? {},
      addresses: sockets.map(
        ({ request }) => `${request.protocol === 'http-socket' ? 'http' : request.protocol}://${request.name}`,
      ),
    };
  }
}

function describeApp(
  app: AppServer | undefined,
): Pick<ControlStatus, 'workers' | 'queueDepth' | 'queueLimit' | 'inFlight' | 'dispatchDepth'> {
  const all = app?.workers ?? [];
  const running = all.filter(({ pid }) => pid > 0);
  const busy = running.filter(({ status }) => status === 'busy').length;
  return {
    workers: { total: running.length, busy, idle: running.length - busy, maximum: all.length },
    queueDepth: app?.queueLength ?? 0,
    queueLimit: app?.queueLimit ?? 0,
    inFlight: app?.inFlight ?? 0,
    dispatchDepth: app?.dispatchDepth ?? 0,
  };
}

/** What the processes are there for, by pid. */
function rolesIn(generation: Generation | undefined): ReadonlyMap<number, string> {
  const app = generation?.app;
  const workers = (app?.workers ?? []).map(({ pid, id }): [number, string] => [pid, `worker ${id}`]);
  const own: [number, string][] = [[process.pid, 'vassal'], ...workers];
  if (app?.zygotePid !== undefined) own.push([app.zygotePid, 'zygote']);
  return new Map([...(generation?.services.roles() ?? []), ...own]);
}

const MEMORY_LIMITS = [
  'limit-as',
  'reload-on-as',
  'reload-on-rss',
  'evil-reload-on-as',
  'evil-reload-on-rss',
] as const satisfies OptionName[];

const MEGABYTE = 1024 * 1024;

/** By the option, in bytes: those that are set. */
function memoryLimits(config: Config | undefined): Record<string, number> {
  const set = MEMORY_LIMITS.flatMap((name): [string, number][] => {
    const megabytes = config?.options[name] ?? 0;
    return megabytes > 0 ? [[name, megabytes * MEGABYTE]] : [];
  });
  return Object.fromEntries(set);
}
