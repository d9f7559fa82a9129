import { VERSION } from '@emperor/config';
import { systemBacklogLimit } from '@emperor/posix';
import type { ControlStatus } from '@emperor/protocol';
import type { CoreInfo, WorkerInfo } from '@emperor/worker';

import type { OwnAnswers } from './instance-figures.ts';
import type { InstanceSocket } from './sockets.ts';

/** What the statistics are made of. */
export interface StatsSource {
  readonly sockets: readonly InstanceSocket[];
  readonly workers: readonly WorkerInfo[];
  /** Requests that wait for a worker: with one queue per app, that is the listen queue people watch. */
  readonly queueLength: number;
  /** Requests that found it full. */
  readonly queueRefused: number;
  readonly own: OwnAnswers;
  readonly offloads: boolean;
  /** What the services say of themselves, by name. */
  readonly services: Readonly<Record<string, unknown>>;
  /** What uWSGI has no fields for. */
  readonly status: ControlStatus;
  /** `stats-no-cores`. */
  readonly withoutCores: boolean;
}

/** uWSGI's locks; ours are never held long enough to be seen, but its tools expect the list. */
const LOCKS = ['user 0', 'signal', 'filemon', 'timer', 'rbtimer', 'cron', 'rpc', 'snmp'];

/**
 * The document of the stats server: uWSGI's fields in uWSGI's order (UWSGI-FACTS 9.11), and behind them `emperor` with what it has no fields
 * for. What this process answers itself (files, routes) counts as worker 1's, core 0: dashboards add the workers up.
 */
export function statsDocument(source: StatsSource): object {
  const { workers, services } = source;
  return {
    version: VERSION,
    listen_queue: source.queueLength,
    listen_queue_errors: source.queueRefused,
    signal_queue: 0,
    load: source.queueLength,
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    cwd: process.cwd(),
    ...pick(services, 'daemons'),
    locks: [...LOCKS, ...Object.keys(pick(services, 'metrics'))].map((name) => ({ [name]: 0 })),
    ...pick(services, 'metrics', 'caches'),
    sockets: source.sockets.map((socket, index) => describeSocket(socket, source, index === 0)),
    workers: workers.map((worker) => describeWorker(worker, source)),
    ...pick(services, 'spoolers', 'crons'),
    emperor: { ...source.status, services: undefined },
  };
}

/** Those of the services that uWSGI's tools look for, where there are any. */
function pick(services: StatsSource['services'], ...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => services[name] !== undefined).map((name) => [name, services[name]]));
}

/** All requests wait in one queue: it is shown with the first socket. */
function describeSocket(
  { request, port }: InstanceSocket,
  { offloads, queueLength }: StatsSource,
  isFirst: boolean,
): object {
  return {
    name:
      request.target.kind === 'tcp' && request.target.port === 0
        ? `${request.name.replace(/:0?$/, '')}:${port}`
        : request.name,
    proto: request.protocol === 'uwsgi' ? 'uwsgi' : 'http',
    queue: isFirst ? queueLength : 0,
    max_queue: request.options.backlog ?? systemBacklogLimit(),
    shared: 0,
    can_offload: offloads ? 1 : 0,
  };
}

function describeWorker(worker: WorkerInfo, { own, withoutCores }: StatsSource): object {
  const isFirst = worker.id === 1;
  return {
    id: worker.id,
    pid: worker.pid,
    accepting: worker.accepting ? 1 : 0,
    requests: worker.requests + (isFirst ? own.requests : 0),
    delta_requests: worker.deltaRequests + (isFirst ? own.requests : 0),
    exceptions: worker.exceptions,
    harakiri_count: worker.harakiriCount,
    signals: 0,
    signal_queue: 0,
    status: worker.status,
    rss: worker.rssBytes,
    vsz: worker.vszBytes,
    running_time: worker.runningTimeUs,
    last_spawn: worker.lastSpawn,
    respawn_count: worker.respawnCount,
    tx: worker.txBytes + (isFirst ? own.bytes : 0),
    avg_rt: worker.averageUs,
    apps: worker.apps.map(({ id, mountpoint, seconds, requests, exceptions }) => ({
      id,
      modifier1: 0,
      mountpoint,
      startup_time: seconds,
      requests,
      exceptions,
      chdir: '',
    })),
    ...(withoutCores
      ? {}
      : { cores: worker.cores.map((core) => describeCore(core, isFirst && core.id === 0 ? own : undefined)) }),
  };
}

function describeCore({ id, requests, writeErrors, request }: CoreInfo, own: OwnAnswers | undefined): object {
  return {
    id,
    requests: requests + (own?.requests ?? 0),
    static_requests: own?.static ?? 0,
    routed_requests: own?.routed ?? 0,
    offloaded_requests: own?.offloaded ?? 0,
    write_errors: writeErrors,
    read_errors: 0,
    in_request: request === undefined ? 0 : 1,
    vars: request === undefined ? [] : joinPairs(request.variables),
    req_info: request === undefined ? {} : { request_start: request.startedAt },
  };
}

/** `NAME=value` of name, value, … */
function joinPairs(list: readonly string[]): string[] {
  return Array.from({ length: list.length / 2 }, (_, index) => `${list[2 * index]}=${list[2 * index + 1]}`);
}
