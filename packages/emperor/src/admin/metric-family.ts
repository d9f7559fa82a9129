import type { ControlHistogram } from '@emperor/protocol';
import { LATENCY_BOUNDS_SECONDS } from '@emperor/protocol';
import type { Metric, Registry } from 'prom-client';

export type Labels = Readonly<Record<string, string>>;

const NONE: Labels = {};

/** The label of each class of a histogram. */
const BOUNDS: readonly Labels[] = [...LATENCY_BOUNDS_SECONDS.map(String), '+Inf'].map((le) => ({ le }));

/** One line of a family. `suffix` follows the name in histograms: `_bucket`, `_sum`, `_count`. */
interface Sample {
  readonly labels: Labels;
  /** Labels of many samples; prom-client writes them once. */
  readonly sharedLabels: Labels;
  readonly value: number;
  readonly metricName: string;
}

/**
 * A family of metrics whose values come from elsewhere: vassals count, the emperor passes on. prom-client's own kinds want to count
 * themselves, and cannot take a histogram as it is.
 */
export class MetricFamily {
  readonly #name: string;
  readonly #samples: Sample[] = [];

  /** @param type the name of a counter ends in `_total` */
  constructor(registry: Registry, type: 'gauge' | 'counter' | 'histogram', name: string, help: string) {
    this.#name = name;
    const metric = { name, help, type, get: () => ({ name, help, type, values: this.#samples, aggregator: 'sum' }) };
    // What a registry asks of a metric is only this much.
    registry.registerMetric(metric as unknown as Metric);
  }

  /** Forgets what the last scrape had. */
  reset(): void {
    this.#samples.length = 0;
  }

  /** A value that is not known is not told. */
  add(labels: Labels, value: number | undefined): void {
    if (value !== undefined) this.#samples.push({ labels: NONE, sharedLabels: labels, value, metricName: this.#name });
  }

  addHistogram(labels: Labels, histogram: ControlHistogram | undefined): void {
    if (histogram === undefined) return;
    const bucket = `${this.#name}_bucket`;
    let seen = 0;
    histogram.counts.forEach((count, index) => {
      seen += count;
      this.#samples.push({ labels: BOUNDS[index] ?? NONE, sharedLabels: labels, value: seen, metricName: bucket });
    });
    const sharedLabels = labels;
    this.#samples.push({ labels: NONE, sharedLabels, value: histogram.sumSeconds, metricName: `${this.#name}_sum` });
    this.#samples.push({ labels: NONE, sharedLabels, value: seen, metricName: `${this.#name}_count` });
  }
}

/** Families that are filled anew for each scrape, one scrape at a time. */
export abstract class MetricFamilies<Source> {
  readonly #registry: Registry;
  readonly #families: MetricFamily[] = [];
  #rendering: Promise<string> = Promise.resolve('');

  protected constructor(registry: Registry) {
    this.#registry = registry;
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The Prometheus text for these sources, as they are now. */
  render(sources: readonly Source[]): Promise<string> {
    const rendered = this.#rendering.then(() => this.#render(sources));
    this.#rendering = rendered.catch(() => '');
    return rendered;
  }

  #render(sources: readonly Source[]): Promise<string> {
    for (const family of this.#families) family.reset();
    this.fill(sources);
    return this.#registry.metrics();
  }

  protected gauge(name: string, help: string): MetricFamily {
    return this.#add('gauge', name, help);
  }

  protected counter(name: string, help: string): MetricFamily {
    return this.#add('counter', name, help);
  }

  protected histogram(name: string, help: string): MetricFamily {
    return this.#add('histogram', name, help);
  }

  protected abstract fill(sources: readonly Source[]): void;

  #add(type: 'gauge' | 'counter' | 'histogram', name: string, help: string): MetricFamily {
    const family = new MetricFamily(this.#registry, type, name, help);
    this.#families.push(family);
    return family;
  }
}
