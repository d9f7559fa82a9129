import type { ConfigSource } from '@emperor/config';
import type { ControlConfiguration, ControlStatus } from '@emperor/protocol';

import type { Generation } from './generation.ts';
import type { InstanceFigures } from './instance-figures.ts';
import { runningConfiguration } from './running-configuration.ts';
import type { InstanceSocket } from './sockets.ts';
import { statsDocument } from './stats-document.ts';
import { StatusReport } from './status.ts';

/** What is looked at, as it is at the moment. */
export interface Present {
  /** Where the instance is in its life. */
  readonly phase: string;
  readonly generation: Generation | undefined;
  readonly sockets: readonly InstanceSocket[];
  readonly logLinesDropped: number;
}

/** What can be seen of an instance from outside: by its emperor, by uWSGI's tools, by its operator. */
export class InstanceViews {
  readonly #source: ConfigSource;
  readonly #figures: InstanceFigures;
  readonly #present: () => Present;
  readonly #status: StatusReport;

  constructor(source: ConfigSource, figures: InstanceFigures, present: () => Present) {
    this.#source = source;
    this.#figures = figures;
    this.#present = present;
    this.#status = new StatusReport(figures, () => {
      const { phase: state, ...rest } = present();
      return { ...rest, state };
    });
  }

  /** For the emperor and its views. */
  status(): ControlStatus {
    return this.#status.read();
  }

  /** uWSGI's statistics (UWSGI-FACTS 9.11). */
  statistics(): object {
    const { generation, sockets } = this.#present();
    return statsDocument({
      sockets,
      workers: generation?.app?.workers ?? [],
      queueLength: generation?.app?.queueLength ?? 0,
      offloads: (generation?.config.options['offload-threads'] ?? 0) > 0,
      services: generation?.servicesStatus ?? {},
      queueRefused: this.#figures.app.refused,
      own: this.#figures.own,
      status: this.status(),
      withoutCores: generation?.config.options['stats-no-cores'] ?? false,
    });
  }

  configuration(): ControlConfiguration {
    const { generation } = this.#present();
    return {
      ...runningConfiguration(generation?.config, this.#source),
      nextRuns: generation?.services.nextRuns() ?? [],
      jobs: generation?.services.jobs() ?? [],
    };
  }
}
