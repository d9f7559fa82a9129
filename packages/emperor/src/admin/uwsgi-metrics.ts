import { Registry } from 'prom-client';

import { isObject, type Json } from '../vassal/vassal-figures.ts';
import { type Labels, MetricFamilies, type MetricFamily } from './metric-family.ts';

/** The statistics of one vassal as its stats server would give them; undefined when it does not answer. */
export interface VassalStatistics {
  /** Becomes the label `stats_uri`, where uwsgi_exporter has the address of a stats server. */
  readonly vassal: string;
  readonly statistics: Json | undefined;
}

/** A metric and the field of the document it comes from, with what its value is divided by. */
type Field = readonly [metric: string, field: string, help: string, divisor?: number];

const MICROSECONDS = 1_000_000;
const STATUSES = ['busy', 'idle', 'cheap'] as const;

/**
 * The metrics of timonwong/uwsgi_exporter, name by name and label by label, so that dashboards and alerts made for it go on. The
 * counters of workers keep its types too.
 */
export class UwsgiMetrics extends MetricFamilies<VassalStatistics> {
  readonly #up = this.gauge('uwsgi_up', 'Whether the vassal answers.');
  readonly #main = this.#gauges('uwsgi', [
    ['listen_queue_length', 'listen_queue', 'Requests that wait for a worker.'],
    ['listen_queue_errors', 'listen_queue_errors', 'Always 0: no request is lost in the queue unseen.'],
    ['signal_queue_length', 'signal_queue', 'Signals that wait.'],
  ]);
  readonly #workersCount = this.gauge('uwsgi_workers', 'Workers there may be.');
  readonly #sockets = this.#gauges('uwsgi_socket', [
    ['queue_length', 'queue', 'Connections that wait at the socket.'],
    ['max_queue_length', 'max_queue', 'As many connections as may wait at the socket.'],
    ['shared', 'shared', 'Whether the socket is shared (1).'],
    ['can_offload', 'can_offload', 'Whether the socket offloads (1).'],
  ]);
  readonly #workers = [
    ...this.#gauges('uwsgi_worker', [
      ['accepting', 'accepting', 'Whether the worker takes requests (1).'],
      ['delta_requests', 'delta_requests', 'Requests of its present process.'],
      ['signal_queue_length', 'signal_queue', 'Signals that wait.'],
      ['rss_bytes', 'rss', 'Resident memory of the worker.'],
      ['vsz_bytes', 'vsz', 'Address space of the worker.'],
      ['running_time_seconds', 'running_time', 'Time the worker has spent in requests.', MICROSECONDS],
      ['last_spawn_time_seconds', 'last_spawn', 'When its process was started, in seconds since 1970.'],
      ['average_response_time_seconds', 'avg_rt', 'Mean time of a request.', MICROSECONDS],
    ]),
    ...this.#counters('uwsgi_worker', [
      ['requests_total', 'requests', 'Requests answered.'],
      ['exceptions_total', 'exceptions', 'Requests that ended in an exception.'],
      ['harakiri_count_total', 'harakiri_count', 'Requests that took too long.'],
      ['signals_total', 'signals', 'Signals received.'],
      ['respawn_count_total', 'respawn_count', 'Times it was started again.'],
      ['transmitted_bytes_total', 'tx', 'Bytes sent.'],
    ]),
  ];
  readonly #statuses = STATUSES.map(
    (status) => [status, this.gauge(`uwsgi_worker_${status}`, `Whether the worker is ${status} (1).`)] as const,
  );
  readonly #appsCount = this.gauge('uwsgi_worker_apps', 'Apps loaded in the worker.');
  readonly #coresCount = this.gauge('uwsgi_worker_cores', 'Requests the worker can run at the same time.');
  readonly #apps = [
    ...this.#gauges('uwsgi_worker_app', [['startup_time_seconds', 'startup_time', 'Time the app took to load.']]),
    ...this.#counters('uwsgi_worker_app', [
      ['requests_total', 'requests', 'Requests answered.'],
      ['exceptions_total', 'exceptions', 'Requests that ended in an exception.'],
    ]),
  ];
  readonly #cores = [
    ...this.#gauges('uwsgi_worker_core', [['busy', 'in_request', 'Whether the core runs a request (1).']]),
    ...this.#counters('uwsgi_worker_core', [
      ['requests_total', 'requests', 'Requests answered.'],
      ['static_requests_total', 'static_requests', 'Static files sent.'],
      ['routed_requests_total', 'routed_requests', 'Requests answered by routes.'],
      ['offloaded_requests_total', 'offloaded_requests', 'Requests handed to offload threads.'],
      ['write_errors_total', 'write_errors', 'Failed writes.'],
      ['read_errors_total', 'read_errors', 'Failed reads.'],
    ]),
  ];
  readonly #caches = [
    ...this.#counters('uwsgi_cache', [
      ['hits', 'hits', 'Lookups that found something.'],
      ['misses', 'miss', 'Lookups that found nothing.'],
      ['full', 'full', 'Times there was no room.'],
    ]),
    ...this.#gauges('uwsgi_cache', [
      ['items', 'items', 'Items there are.'],
      ['max_items', 'max_items', 'Items there may be.'],
    ]),
  ];

  constructor() {
    super(new Registry());
  }

  protected override fill(vassals: readonly VassalStatistics[]): void {
    for (const { vassal, statistics } of vassals) {
      const labels = { stats_uri: vassal };
      this.#up.add(labels, statistics === undefined ? 0 : 1);
      if (statistics !== undefined) this.#add(labels, statistics);
    }
  }

  #add(labels: Labels, statistics: Json): void {
    // uWSGI lists workers that never ran with the number 0.
    const workers = objects(statistics['workers']).filter(({ id }) => id !== 0);
    fillFields(this.#main, labels, statistics);
    this.#workersCount.add(labels, workers.length);
    const seen = new Set<string>();
    for (const socket of objects(statistics['sockets'])) {
      const own = { ...labels, name: text(socket['name']), proto: text(socket['proto']) };
      const key = `${own.proto} ${own.name}`;
      if (!seen.has(key)) fillFields(this.#sockets, own, socket);
      seen.add(key);
    }
    for (const worker of workers) this.#addWorker({ ...labels, worker_id: text(worker['id']) }, worker);
    for (const cache of objects(statistics['caches'])) {
      fillFields(this.#caches, { ...labels, name: text(cache['name']) }, cache);
    }
  }

  #addWorker(labels: Labels, worker: Json): void {
    fillFields(this.#workers, labels, worker);
    for (const [status, family] of this.#statuses) family.add(labels, worker['status'] === status ? 1 : 0);
    const apps = objects(worker['apps']);
    this.#appsCount.add(labels, apps.length);
    for (const app of apps) {
      const own = {
        ...labels,
        app_id: text(app['id']),
        mountpoint: text(app['mountpoint']),
        chdir: text(app['chdir']),
      };
      fillFields(this.#apps, own, app);
    }
    const cores = objects(worker['cores']);
    this.#coresCount.add(labels, cores.length);
    for (const core of cores) fillFields(this.#cores, { ...labels, core_id: text(core['id']) }, core);
  }

  #gauges(prefix: string, fields: readonly Field[]): FieldFamily[] {
    return fields.map((field) => ({ field, family: this.gauge(`${prefix}_${field[0]}`, field[2]) }));
  }

  #counters(prefix: string, fields: readonly Field[]): FieldFamily[] {
    return fields.map((field) => ({ field, family: this.counter(`${prefix}_${field[0]}`, field[2]) }));
  }
}

interface FieldFamily {
  readonly field: Field;
  readonly family: MetricFamily;
}

function fillFields(families: readonly FieldFamily[], labels: Labels, source: Json): void {
  for (const { field, family } of families) {
    const [, name, , divisor = 1] = field;
    const value = source[name];
    family.add(labels, typeof value === 'number' ? value / divisor : undefined);
  }
}

function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
