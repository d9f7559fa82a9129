import { Registry } from 'prom-client';

import type { VassalFigures } from '../vassal/vassal-figures.ts';
import { PHASE_NAMES, type VassalPhaseName } from '../vassal/vassal-phase.ts';
import type { EmperorFigures } from './emperor-figures.ts';
import { type Labels, MetricFamilies } from './metric-family.ts';
import type { VassalStatus } from './status.ts';

/** States in which a vassal serves, or at least could. */
const UP: ReadonlySet<VassalPhaseName> = new Set(['spawned', 'ready', 'loyal', 'reloading', 'invalid']);

function isUp({ state, pid }: VassalStatus): boolean {
  return state === 'waiting' || (UP.has(state) && pid !== undefined);
}

/**
 * The metrics of the emperor and its vassals. Names and units follow Prometheus' conventions; labels are the name of the vassal and
 * words of closed sets.
 */
export class Metrics extends MetricFamilies<VassalStatus> {
  readonly #fileProblems: () => number;
  readonly #emperor: EmperorFigures;
  readonly #vassals = this.gauge('emperor_vassals', 'Vassals known to the emperor, by state.');
  readonly #up = this.gauge('emperor_vassal_up', 'Whether the vassal is up (1) or not (0).');
  readonly #state = this.gauge('emperor_vassal_state', 'The state of the vassal is 1, the others are 0.');
  readonly #failures = this.gauge('emperor_vassal_failures', 'Deaths in a row without proof of health.');
  readonly #failing = this.gauge('emperor_vassal_failing', 'Whether the vassal has failed ten or more times in a row.');
  readonly #nextTry = this.gauge(
    'emperor_vassal_next_try_timestamp_seconds',
    'When a dead vassal is started again, in seconds since 1970.',
  );
  readonly #throttle = this.gauge(
    'emperor_vassal_throttle_seconds',
    'How long a dead vassal still has to wait before it is started again.',
  );
  readonly #outOfMemory = this.counter(
    'emperor_vassal_out_of_memory_kills_total',
    'Processes of the present one that the kernel killed at the memory limit of the vassal.',
  );
  readonly #answering = this.gauge(
    'emperor_vassal_answering',
    'Whether the vassal answers on its control socket, if it has one.',
  );
  readonly #restarts = this.counter(
    'emperor_vassal_restarts_total',
    'Processes started for the vassal after its first.',
  );
  readonly #exits = this.counter('emperor_vassal_exits_total', 'Ends of processes of the vassal, by reason.');
  readonly #readyTime = this.gauge(
    'emperor_vassal_ready_duration_seconds',
    'How long its last start or reload took until it accepted requests.',
  );
  readonly #reloads = this.counter('emperor_vassal_reloads_total', 'Reloads of its present process.');
  readonly #requests = this.counter('emperor_vassal_requests_total', 'Requests the vassal has served.');
  readonly #responses = this.counter('emperor_vassal_responses_total', 'Responses of the vassal, by class of status.');
  readonly #duration = this.histogram(
    'emperor_vassal_request_duration_seconds',
    'From the first byte of a request to the last of its answer.',
  );
  readonly #queueDuration = this.histogram(
    'emperor_vassal_queue_duration_seconds',
    'How long requests waited for a worker.',
  );
  readonly #serviceDuration = this.histogram(
    'emperor_vassal_service_duration_seconds',
    'How long workers took for requests.',
  );
  readonly #bytes = this.counter('emperor_vassal_sent_bytes_total', 'Bytes the vassal has sent to clients.');
  readonly #exceptions = this.counter('emperor_vassal_exceptions_total', 'Exceptions that ended a request.');
  readonly #respawns = this.counter('emperor_vassal_worker_respawns_total', 'Workers started in place of others.');
  readonly #harakiris = this.counter(
    'emperor_vassal_worker_harakiris_total',
    'Workers killed because a request took too long.',
  );
  readonly #workers = this.gauge('emperor_vassal_workers', 'Workers of the vassal, by what they do.');
  readonly #workersMaximum = this.gauge('emperor_vassal_workers_maximum', 'As many workers as there may be.');
  readonly #queue = this.gauge('emperor_vassal_queue_depth', 'Requests that wait for a worker.');
  readonly #queueLimit = this.gauge('emperor_vassal_queue_limit', 'As many requests as may wait.');
  readonly #refused = this.counter(
    'emperor_vassal_queue_refused_total',
    'Requests answered 503 because too many were waiting.',
  );
  readonly #connections = this.gauge('emperor_vassal_open_connections', 'Connections of clients that are open.');
  readonly #memory = this.gauge(
    'emperor_vassal_private_memory_bytes',
    'Memory of all its processes that is their own.',
  );
  readonly #memoryLimit = this.gauge(
    'emperor_vassal_memory_limit_bytes',
    'As much memory as all its processes together may have (limit-memory).',
  );
  readonly #processLimit = this.gauge(
    'emperor_vassal_process_memory_limit_bytes',
    'As much memory as one of its processes may have, by the option that says so.',
  );
  readonly #problems = this.gauge(
    'emperor_vassal_config_problems',
    'Errors and warnings found in the configuration of the vassal when it was read last.',
  );
  readonly #startTime = this.gauge(
    'emperor_vassal_start_time_seconds',
    'When the present process of the vassal was started, in seconds since 1970.',
  );
  readonly #reloadTime = this.gauge(
    'emperor_vassal_last_reload_timestamp_seconds',
    'When its last reload was over, in seconds since 1970.',
  );
  readonly #reloadSuccess = this.gauge(
    'emperor_vassal_last_reload_success',
    'Whether its last reload succeeded (1) or was refused (0).',
  );
  readonly #reloadFailed = this.gauge(
    'emperor_vassal_last_reload_failed_requests',
    'Requests that were answered with 5xx during its last reload.',
  );
  readonly #cpu = this.counter('emperor_vassal_cpu_seconds_total', 'CPU time of all its processes.');
  readonly #dropped = this.counter('emperor_vassal_log_lines_dropped_total', 'Log lines the vassal had to drop.');
  readonly #outputDropped = this.counter(
    'emperor_vassal_output_lines_dropped_total',
    'Lines of the vassal that the emperor dropped because they came too fast.',
  );
  readonly #fileProblemCount = this.gauge(
    'emperor_file_problems',
    'What the emperor finds where vassals should be and cannot or must not run; emperor status names each.',
  );
  readonly #loopLag = this.gauge(
    'emperor_event_loop_lag_seconds',
    'Longest delay of the event loop of the emperor since the last scrape.',
  );
  readonly #emperorCpu = this.counter('process_cpu_seconds_total', 'CPU time the emperor has used.');
  readonly #emperorMemory = this.gauge('process_resident_memory_bytes', 'Resident memory of the emperor.');
  readonly #emperorStart = this.gauge('process_start_time_seconds', 'When the emperor started, in seconds since 1970.');

  /** @param fileProblems how many files the emperor cannot or must not run at the moment */
  constructor(emperor: EmperorFigures, fileProblems: () => number = () => 0) {
    super(new Registry());
    this.#emperor = emperor;
    this.#fileProblems = fileProblems;
  }

  protected override fill(vassals: readonly VassalStatus[]): void {
    for (const state of PHASE_NAMES) {
      this.#vassals.add({ state }, vassals.filter((vassal) => vassal.state === state).length);
    }
    for (const vassal of vassals) this.#add(vassal);
    this.#fileProblemCount.add({}, this.#fileProblems());
    this.#addProcess();
  }

  #add(status: VassalStatus): void {
    const vassal = status.name;
    const labels = { vassal };
    this.#up.add(labels, isUp(status) ? 1 : 0);
    for (const state of PHASE_NAMES) this.#state.add({ vassal, state }, state === status.state ? 1 : 0);
    this.#failures.add(labels, status.failures);
    this.#failing.add(labels, status.failing ? 1 : 0);
    if (status.nextTry !== undefined) {
      const nextTry = Date.parse(status.nextTry) / 1000;
      this.#nextTry.add(labels, nextTry);
      this.#throttle.add(labels, Math.max(0, nextTry - Date.now() / 1000));
    }
    this.#restarts.add(labels, Math.max(0, status.launches - 1));
    this.#outOfMemory.add(labels, status.outOfMemoryKills);
    this.#answering.add(labels, status.tells ? Number(status.answering) : undefined);
    const { exits, readyMs, linesDropped } = this.#emperor.of(vassal);
    for (const [reason, count] of Object.entries(exits)) this.#exits.add({ vassal, reason }, count);
    this.#readyTime.add(labels, readyMs === undefined ? undefined : readyMs / 1000);
    this.#outputDropped.add(labels, linesDropped);
    this.#memoryLimit.add(labels, status.memoryLimitBytes);
    this.#problems.add(labels, status.configProblems);
    this.#startTime.add(labels, status.upSince === undefined ? undefined : Date.parse(status.upSince) / 1000);
    if (status.figures !== undefined) this.#addFigures(labels, status.figures);
  }

  #addFigures(labels: Labels, figures: VassalFigures): void {
    this.#requests.add(labels, figures.requests);
    for (const [code, count] of Object.entries(figures.responses)) this.#responses.add({ ...labels, code }, count);
    this.#duration.addHistogram(labels, figures.latency);
    this.#queueDuration.addHistogram(labels, figures.queueTime);
    this.#serviceDuration.addHistogram(labels, figures.serviceTime);
    this.#bytes.add(labels, figures.bytesOut);
    this.#exceptions.add(labels, figures.exceptions);
    this.#respawns.add(labels, figures.respawns);
    this.#harakiris.add(labels, figures.harakiris);
    this.#workers.add({ ...labels, state: 'busy' }, figures.workers.busy);
    this.#workers.add({ ...labels, state: 'idle' }, figures.workers.idle);
    this.#workersMaximum.add(labels, figures.workers.maximum);
    this.#queue.add(labels, figures.queueDepth);
    this.#queueLimit.add(labels, figures.queueLimit);
    this.#refused.add(labels, figures.queueRefused);
    this.#connections.add(labels, figures.openConnections);
    this.#memory.add(labels, figures.memory?.privateBytes);
    for (const [option, bytes] of Object.entries(figures.memory?.limits ?? {})) {
      this.#processLimit.add({ ...labels, option }, bytes);
    }
    const { lastReload } = figures;
    this.#reloadTime.add(labels, lastReload && lastReload.at / 1000);
    this.#reloadSuccess.add(labels, lastReload && (lastReload.outcome === 'done' ? 1 : 0));
    this.#reloadFailed.add(labels, lastReload?.failed);
    this.#cpu.add(labels, figures.cpuSeconds);
    this.#reloads.add(labels, figures.reloads);
    this.#dropped.add(labels, figures.logLinesDropped);
  }

  #addProcess(): void {
    const { user, system } = process.cpuUsage();
    this.#loopLag.add({}, this.#emperor.takeLoopLagSeconds());
    this.#emperorCpu.add({}, (user + system) / 1e6);
    this.#emperorMemory.add({}, process.memoryUsage.rss());
    this.#emperorStart.add({}, performance.timeOrigin / 1000);
  }
}
