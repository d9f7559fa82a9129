import type { CoreInfo, WorkerInfo } from '@emperor/worker';

import type { OwnAnswers } from '../instance-figures.ts';
import type { Metric, MetricTypeName } from './metric.ts';

/** What the metrics are read from. */
export interface MetricSource {
  readonly workers: readonly WorkerInfo[];
  readonly own: OwnAnswers;
  /** Requests that wait, by the number of the socket. */
  readonly queues: readonly number[];
  /** `metrics-no-cores`. */
  readonly withoutCores: boolean;
}

type Row = readonly [name: string, type: MetricTypeName, oid: string, value: number];

/** The metrics uWSGI has by itself: its names, types and numbers, in its order. */
export function builtInMetrics(source: MetricSource): Metric[] {
  const { workers, own, queues, withoutCores } = source;
  const rows: Row[] = [
    ...coreRows(workers),
    ...allWorkersRows(workers, own),
    ...workers.flatMap((worker) => {
      const answers = worker.id === 1 ? own : undefined;
      const cores = withoutCores ? [] : worker.cores;
      return [...workerRows(worker, answers), ...cores.flatMap((core) => threadRows(worker.id, core, answers))];
    }),
    ...totalRows(workers, own),
    ...queues.map((queue, index): Row => [`socket.${index}.listen_queue`, 'gauge', `7.${index}.1`, queue]),
    ['rss_size', 'alias', '5.101', total(workers, ({ rssBytes }) => rssBytes)],
    ['vsz_size', 'alias', '5.102', total(workers, ({ vszBytes }) => vszBytes)],
  ];
  return rows.map(([name, type, oid, value]) => ({ name, type, oid, value }));
}

function coreRows(workers: readonly WorkerInfo[]): Row[] {
  const running = workers.filter(({ pid }) => pid > 0);
  const busy = running.filter(({ status }) => status === 'busy').length;
  const isOverloaded = running.length > 0 && busy === running.length;
  return [
    ['core.routed_signals', 'counter', '5.1', 0],
    ['core.unrouted_signals', 'counter', '5.2', 0],
    ['core.busy_workers', 'gauge', '5.3', busy],
    ['core.idle_workers', 'gauge', '5.4', running.length - busy],
    ['core.overloaded', 'counter', '5.5', isOverloaded ? 1 : 0],
  ];
}

/** Worker 0 is all of them. */
function allWorkersRows(workers: readonly WorkerInfo[], own: OwnAnswers): Row[] {
  return [
    ['worker.0.requests', 'counter', '3.0.1', total(workers, ({ requests }) => requests) + own.requests],
    ['worker.0.delta_requests', 'absolute', '3.0.2', 0],
    ['worker.0.failed_requests', 'counter', '3.0.13', 0],
    ['worker.0.respawns', 'counter', '3.0.14', 0],
    ['worker.0.avg_response_time', 'gauge', '3.0.8', 0],
    ['worker.0.total_tx', 'counter', '3.0.9', 0],
    ['worker.0.rss_size', 'gauge', '3.0.11', 0],
    ['worker.0.vsz_size', 'gauge', '3.0.12', 0],
    ['worker.0.running_time', 'counter', '3.0.13', 0],
  ];
}

function workerRows(worker: WorkerInfo, own: OwnAnswers | undefined): Row[] {
  const name = `worker.${worker.id}`;
  const oid = `3.${worker.id}`;
  return [
    [`${name}.requests`, 'counter', `${oid}.1`, worker.requests + (own?.requests ?? 0)],
    [`${name}.delta_requests`, 'absolute', `${oid}.2`, worker.deltaRequests + (own?.requests ?? 0)],
    [`${name}.failed_requests`, 'counter', `${oid}.13`, 0],
    [`${name}.respawns`, 'counter', `${oid}.14`, worker.respawnCount],
    [`${name}.avg_response_time`, 'gauge', `${oid}.8`, worker.averageUs],
    [`${name}.total_tx`, 'counter', `${oid}.9`, worker.txBytes + (own?.bytes ?? 0)],
    [`${name}.rss_size`, 'gauge', `${oid}.11`, worker.rssBytes],
    [`${name}.vsz_size`, 'gauge', `${oid}.12`, worker.vszBytes],
    [`${name}.running_time`, 'counter', `${oid}.13`, worker.runningTimeUs],
  ];
}

function threadRows(workerId: number, core: CoreInfo, own: OwnAnswers | undefined): Row[] {
  const name = `worker.${workerId}.core.${core.id}`;
  const oid = `3.${workerId}.2.${core.id}`;
  const answers = core.id === 0 ? own : undefined;
  return [
    [`${name}.requests`, 'counter', `${oid}.1`, core.requests + (answers?.requests ?? 0)],
    [`${name}.write_errors`, 'counter', `${oid}.3`, core.writeErrors],
    [`${name}.routed_requests`, 'counter', `${oid}.4`, answers?.routed ?? 0],
    [`${name}.static_requests`, 'counter', `${oid}.5`, answers?.static ?? 0],
    [`${name}.offloaded_requests`, 'counter', `${oid}.6`, answers?.offloaded ?? 0],
    [`${name}.exceptions`, 'counter', `${oid}.7`, core.exceptions],
    [`${name}.read_errors`, 'counter', `${oid}.8`, 0],
  ];
}

function totalRows(workers: readonly WorkerInfo[], own: OwnAnswers): Row[] {
  const running = workers.filter(({ pid }) => pid > 0);
  const averageUs = running.length === 0 ? 0 : total(running, (worker) => worker.averageUs) / running.length;
  return [
    ['core.total_tx', 'counter', '5.100', total(workers, ({ txBytes }) => txBytes) + own.bytes],
    ['core.total_rss', 'gauge', '5.101', total(workers, ({ rssBytes }) => rssBytes)],
    ['core.total_vsz', 'gauge', '5.102', total(workers, ({ vszBytes }) => vszBytes)],
    ['core.avg_response_time', 'gauge', '5.103', Math.trunc(averageUs)],
    ['core.total_running_time', 'counter', '5.104', total(workers, ({ runningTimeUs }) => runningTimeUs)],
  ];
}

function total(workers: readonly WorkerInfo[], figure: (worker: WorkerInfo) => number): number {
  return workers.reduce((sum, worker) => sum + figure(worker), 0);
}
