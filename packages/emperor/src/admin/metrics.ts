import { Counter, Gauge, Registry } from 'prom-client';

import { PHASE_NAMES, type VassalPhaseName } from '../vassal/vassal-phase.ts';
import type { VassalStatus } from './status.ts';

/** States in which a vassal serves, or at least could. */
const UP: ReadonlySet<VassalPhaseName> = new Set(['spawned', 'ready', 'loyal', 'reloading', 'invalid']);

function isUp({ state, pid }: VassalStatus): boolean {
  return state === 'waiting' || (UP.has(state) && pid !== undefined);
}

/** The metrics of the emperor and its vassals, filled anew for each scrape. */
export class Metrics {
  readonly #registry = new Registry();
  #rendering: Promise<string> = Promise.resolve('');
  readonly #vassals = this.#gauge('emperor_vassals', 'Vassals known to the emperor, by state.', ['state']);
  readonly #up = this.#gauge('emperor_vassal_up', 'Whether the vassal is up (1) or not (0).', ['vassal']);
  readonly #state = this.#gauge('emperor_vassal_state', 'The state of the vassal is 1, the others are 0.', [
    'vassal',
    'state',
  ]);
  readonly #failures = this.#gauge('emperor_vassal_failures', 'Deaths in a row without proof of health.', ['vassal']);
  readonly #failing = this.#gauge(
    'emperor_vassal_failing',
    'Whether the vassal has failed ten or more times in a row.',
    ['vassal'],
  );
  readonly #nextTry = this.#gauge(
    'emperor_vassal_next_try_timestamp_seconds',
    'When a dead vassal is started again, in seconds since 1970.',
    ['vassal'],
  );
  readonly #answering = this.#gauge('emperor_vassal_answering', 'Whether the vassal answers on its control socket.', [
    'vassal',
  ]);
  readonly #restarts = this.#counter(
    'emperor_vassal_restarts_total',
    'Processes started for the vassal after its first.',
    ['vassal'],
  );
  readonly #requests = this.#counter('emperor_vassal_requests_total', 'Requests the vassal has served.', ['vassal']);
  readonly #responses = this.#counter(
    'emperor_vassal_responses_total',
    'Responses of the vassal, by class of status.',
    ['vassal', 'code'],
  );
  readonly #bytes = this.#counter('emperor_vassal_sent_bytes_total', 'Bytes the vassal has sent to clients.', [
    'vassal',
  ]);
  readonly #exceptions = this.#counter('emperor_vassal_exceptions_total', 'Exceptions that ended a request.', [
    'vassal',
  ]);
  readonly #respawns = this.#counter('emperor_vassal_worker_respawns_total', 'Workers started again after a death.', [
    'vassal',
  ]);
  readonly #workers = this.#gauge('emperor_vassal_workers', 'Workers of the vassal, by what they do.', [
    'vassal',
    'state',
  ]);
  readonly #queue = this.#gauge('emperor_vassal_queue_depth', 'Requests that wait for a worker.', ['vassal']);
  readonly #connections = this.#gauge('emperor_vassal_open_connections', 'Connections of clients that are open.', [
    'vassal',
  ]);
  readonly #cpu = this.#counter('process_cpu_seconds_total', 'CPU time the emperor has used.', []);
  readonly #memory = this.#gauge('process_resident_memory_bytes', 'Resident memory of the emperor.', []);
  readonly #start = this.#gauge('process_start_time_seconds', 'When the emperor started, in seconds since 1970.', []);

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The Prometheus text for these vassals, as they are now. One at a time: the registry is filled and read in steps. */
  render(vassals: readonly VassalStatus[]): Promise<string> {
    const rendered = this.#rendering.then(() => this.#render(vassals));
    this.#rendering = rendered.catch(() => '');
    return rendered;
  }

  #render(vassals: readonly VassalStatus[]): Promise<string> {
    this.#registry.resetMetrics();
    for (const name of PHASE_NAMES)
      this.#vassals.set({ state: name }, vassals.filter((vassal) => vassal.state === name).length);
    for (const vassal of vassals) this.#add(vassal);
    this.#addProcess();
    return this.#registry.metrics();
  }

  #add(status: VassalStatus): void {
    const vassal = status.name;
    this.#up.set({ vassal }, isUp(status) ? 1 : 0);
    for (const state of PHASE_NAMES) this.#state.set({ vassal, state }, state === status.state ? 1 : 0);
    this.#failures.set({ vassal }, status.failures);
    this.#failing.set({ vassal }, status.failing ? 1 : 0);
    if (status.nextTry !== undefined) this.#nextTry.set({ vassal }, Date.parse(status.nextTry) / 1000);
    this.#restarts.inc({ vassal }, Math.max(0, status.launches - 1));
    this.#answering.set({ vassal }, status.answering ? 1 : 0);
    if (status.figures !== undefined) this.#addFigures(vassal, status.figures);
  }

  #addFigures(vassal: string, figures: NonNullable<VassalStatus['figures']>): void {
    this.#requests.inc({ vassal }, figures.requests);
    for (const [code, count] of Object.entries(figures.responses)) this.#responses.inc({ vassal, code }, count);
    this.#bytes.inc({ vassal }, figures.bytesOut);
    this.#exceptions.inc({ vassal }, figures.exceptions);
    this.#respawns.inc({ vassal }, figures.respawns);
    this.#workers.set({ vassal, state: 'busy' }, figures.workers.busy);
    this.#workers.set({ vassal, state: 'idle' }, figures.workers.idle);
    this.#queue.set({ vassal }, figures.queueDepth);
    this.#connections.set({ vassal }, figures.openConnections);
  }

  #addProcess(): void {
    const { user, system } = process.cpuUsage();
    this.#cpu.inc((user + system) / 1e6);
    this.#memory.set(process.memoryUsage.rss());
    this.#start.set(performance.timeOrigin / 1000);
  }

  #gauge(name: string, help: string, labelNames: readonly string[]): Gauge {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }

  #counter(name: string, help: string, labelNames: readonly string[]): Counter {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }
}
