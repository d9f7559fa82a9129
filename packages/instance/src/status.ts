import type { ControlStatus } from '@emperor/protocol';
import type { AppServer } from '@emperor/worker';

import type { InstanceFigures } from './instance-figures.ts';
import { ProcessMeter } from './process-figures.ts';
import type { InstanceSocket } from './sockets.ts';

/** What the status is made of. */
export interface StatusSource {
  readonly state: string;
  readonly app: AppServer | undefined;
  /** By their names. */
  readonly services: Readonly<Record<string, unknown>>;
  readonly sockets: readonly InstanceSocket[];
}

/** What the emperor and its views are told about an instance beyond the one-byte protocol. */
export class StatusReport {
  readonly #figures: InstanceFigures;
  readonly #source: () => StatusSource;
  readonly #processes = new ProcessMeter(process.pid, (pid) => roleOf(pid, this.#source().app));

  constructor(figures: InstanceFigures, source: () => StatusSource) {
    this.#figures = figures;
    this.#source = source;
  }

  read(): ControlStatus {
    const { state, app, services, sockets } = this.#source();
    const { counters, lastReload, ...figures } = this.#figures;
    const [, informational = 0, success = 0, redirect = 0, client = 0, server = 0] = counters.byClass;
    const now = performance.now();
    return {
      state,
      pid: process.pid,
      startedAt: figures.startedAt,
      requests: counters.requests,
      responses: { '1xx': informational, '2xx': success, '3xx': redirect, '4xx': client, '5xx': server },
      bytesOut: counters.bytesOut,
      ...describeApp(app),
      queueRefused: figures.app.refused,
      exceptions: figures.app.exceptions,
      respawns: figures.app.respawns,
      harakiris: figures.app.harakiris,
      openConnections: sockets.reduce((sum, socket) => sum + socket.connectionCount, 0),
      recent: figures.recent.read(now),
      latency: figures.latency,
      queueTime: figures.app.queueTime,
      serviceTime: figures.app.serviceTime,
      ...this.#processes.read(now),
      reloads: figures.reloads,
      ...(lastReload === undefined ? {} : { lastReload }),
      services,
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

function roleOf(pid: number, app: AppServer | undefined): string | undefined {
  if (pid === process.pid) return 'vassal';
  if (pid === app?.zygotePid) return 'zygote';
  const worker = app?.workers.find((each) => each.pid === pid);
  return worker === undefined ? undefined : `worker ${worker.id}`;
}
