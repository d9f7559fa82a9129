import { resolve } from 'node:path';

import type { Config } from '@emperor/config';

import type { Service, ServiceCall, ServiceContext, ServiceKind } from '../service.ts';
import { StartError } from '../start-error.ts';
import { builtInMetrics } from './built-in-metrics.ts';
import { CustomMetric } from './custom-metric.ts';
import { type Metric, MetricType } from './metric.ts';
import { MetricsDirectory } from './metrics-directory.ts';

/** What functions of the `uwsgi` module do to the value of a metric. */
const CHANGES: Readonly<Record<string, (value: number, by: number) => number>> = {
  metric_set: (_value, by) => by,
  metric_inc: (value, by) => value + by,
  metric_dec: (value, by) => value - by,
  metric_mul: (value, by) => value * by,
  metric_div: (value, by) => (by === 0 ? value : value / by),
  metric_set_max: Math.max,
  metric_set_min: Math.min,
};

/** uWSGI's metrics (`enable-metrics`): figures by name in the statistics, in files, and in the app. */
class Metrics implements Service {
  readonly calls: Readonly<Record<string, ServiceCall>>;
  readonly #config: Config;
  readonly #context: ServiceContext;
  readonly #custom = new Map<string, CustomMetric>();
  readonly #directory: MetricsDirectory | undefined;

  constructor(config: Config, context: ServiceContext) {
    this.#config = config;
    this.#context = context;
    for (const entry of config.entriesOf('metric')) {
      const metric = new CustomMetric(entry);
      if (this.#custom.has(metric.name))
        throw new StartError(`metric = ${entry.value}: there is one of that name already`);
      this.#custom.set(metric.name, metric);
    }
    const directory = config.options['metrics-dir'];
    if (directory !== undefined) this.#directory = new MetricsDirectory(resolve(context.directory, directory));
    if (config.options['metrics-dir-restore']) this.#restore();
    this.calls = {
      metric_get: ([name]) => this.#read(String(name)) ?? 0,
      ...Object.fromEntries(Object.entries(CHANGES).map(([call, change]) => [call, this.#changeBy(change)])),
    };
  }

  prepare(): void {
    for (const name of this.#custom.keys()) this.#context.log.line(`added custom metric: ${name}`);
    this.#context.log.line(`initialized ${this.#all().length} metrics`);
  }

  begin(): void {
    this.#directory?.follow(() => this.#all());
  }

  /** By name, as uWSGI's statistics have them. */
  status(): object | undefined {
    if (this.#config.options['stats-no-metrics']) return undefined;
    return Object.fromEntries(
      this.#all().map(({ name, type, oid, value }) => [name, { type: MetricType[type], oid, value }]),
    );
  }

  /** Its Python side only has to know that there are metrics. */
  pythonSettings(): object {
    return {};
  }

  retire(): void {
    this.#directory?.stop();
  }

  /** @returns for the module's functions: None for what is not the app's to change, as in uWSGI */
  #changeBy(change: (value: number, by: number) => number): ServiceCall {
    return ([name, by = 1]) => {
      const metric = this.#custom.get(String(name));
      if (metric?.isManual !== true) return null;
      metric.set(
        change(
          metric.read(() => 0),
          Number(by),
        ),
      );
      return true;
    };
  }

  #all(): Metric[] {
    const builtIn = this.#builtIn();
    const read = this.#readerOver(builtIn);
    const custom = Array.from(this.#custom.values(), (metric) => {
      const { name, type, oid } = metric;
      return { name, type, oid, value: metric.read(read) };
    });
    return [...builtIn, ...custom];
  }

  #read(name: string): number | undefined {
    return this.#readerOver(this.#builtIn())(name);
  }

  /** Metrics may be made of others; of those that are made of themselves nothing is left. */
  #readerOver(builtIn: readonly Metric[]): (name: string) => number | undefined {
    const open = new Set<string>();
    const read = (name: string): number | undefined => {
      const custom = this.#custom.get(name);
      if (custom === undefined) return builtIn.find((metric) => metric.name === name)?.value;
      if (open.has(name)) return 0;
      open.add(name);
      const value = custom.read(read);
      open.delete(name);
      return value;
    };
    return read;
  }

  #builtIn(): Metric[] {
    const { app, figures, sockets } = this.#context;
    const waiting = app()?.queueLength ?? 0;
    return builtInMetrics({
      workers: app()?.workers ?? [],
      own: figures.own,
      queues: sockets().map((_, index) => (index === 0 ? waiting : 0)),
      withoutCores: this.#config.options['metrics-no-cores'],
    });
  }

  #restore(): void {
    for (const metric of this.#custom.values()) {
      const value = metric.isManual ? this.#directory?.restore(metric.name) : undefined;
      if (value !== undefined) metric.set(value);
    }
  }
}

/** Whether a configuration asks for metrics. */
export function wantsMetrics({ options }: Config): boolean {
  return options['enable-metrics'] || options.metric.length > 0 || options['metrics-dir'] !== undefined;
}

export const METRICS: ServiceKind = {
  name: 'metrics',
  create: (config, context) => (wantsMetrics(config) ? new Metrics(config, context) : undefined),
};
