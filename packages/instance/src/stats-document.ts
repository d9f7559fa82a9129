import type { Counters } from '@emperor/router';
import type { WorkerInfo } from '@emperor/worker';

import { VERSION } from './version.ts';
import type { InstanceSocket } from './sockets.ts';

/** What the statistics are made of. */
export interface StatsSource {
  readonly counters: Counters;
  readonly sockets: readonly InstanceSocket[];
  readonly workers: readonly WorkerInfo[];
  /** Requests that wait for a worker: with one queue per app, that is the listen queue people watch. */
  readonly queueLength: number;
  readonly offloads: boolean;
  /** What the services say of themselves, by name. */
  readonly services: Readonly<Record<string, unknown>>;
}

/** uWSGI's locks; ours are never held long enough to be seen, but its tools expect the list. */
const LOCKS = ['user 0', 'signal', 'filemon', 'timer', 'rbtimer', 'cron', 'rpc', 'snmp'];

/** The document of the stats server: uWSGI's fields in uWSGI's order (UWSGI-FACTS 9.11). */
export function statsDocument(source: StatsSource): object {
  const { workers, services } = source;
  return {
    version: VERSION,
    listen_queue: source.queueLength,
    listen_queue_errors: 0,
    signal_queue: 0,
    load: source.queueLength,
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    cwd: process.cwd(),
    ...pick(services, 'daemons'),
    locks: LOCKS.map((name) => ({ [name]: 0 })),
    ...pick(services, 'caches'),
    sockets: source.sockets.map((socket) => describeSocket(socket, source.offloads)),
    workers: workers.map(describeWorker),
    ...pick(services, 'spoolers', 'crons'),
  };
}

/** Those of the services that uWSGI's tools look for, where there are any. */
function pick(services: StatsSource['services'], ...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => services[name] !== undefined).map((name) => [name, services[name]]));
}

function describeSocket({ request, port }: InstanceSocket, offloads: boolean): object {
  return {
    name:
      request.target.kind === 'tcp' && request.target.port === 0
        ? `${request.name.replace(/:0?$/, '')}:${port}`
        : request.name,
    proto: request.protocol === 'uwsgi' ? 'uwsgi' : 'http',
    queue: 0,
    max_queue: request.backlog ?? 0,
    shared: 0,
    can_offload: offloads ? 1 : 0,
  };
}

function describeWorker(worker: WorkerInfo): object {
  return {
    id: worker.id,
    pid: worker.pid,
    accepting: worker.accepting ? 1 : 0,
    requests: worker.requests,
    delta_requests: worker.deltaRequests,
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
    tx: worker.txBytes,
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
    cores: worker.cores.map(({ id, requests, inRequest }) => ({
      id,
      requests,
      static_requests: 0,
      routed_requests: 0,
      offloaded_requests: 0,
      write_errors: 0,
      read_errors: 0,
      in_request: inRequest ? 1 : 0,
      vars: [],
      req_info: {},
    })),
  };
}
