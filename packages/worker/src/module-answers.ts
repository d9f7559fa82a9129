import type { AppServerSettings } from './settings.ts';
import type { WorkerInfo } from './worker-info.ts';

/** What functions of the uwsgi module ask about the workers. */
export interface WorkerFacts {
  workers(): readonly WorkerInfo[];
  totalRequests(): number;
  queueLength(): number;
}

/** Answers functions of the uwsgi module that only the vassal can answer: what this package does not know, its owner is asked. */
export class ModuleAnswers {
  readonly #facts: WorkerFacts;
  readonly #settings: AppServerSettings;

  constructor(facts: WorkerFacts, settings: AppServerSettings) {
    this.#facts = facts;
    this.#settings = settings;
  }

  /** For a function called in a worker or, with the number 0, in another process. */
  answer(workerId: number, name: string, args: readonly unknown[]): unknown {
    switch (name) {
      case 'workers':
        return this.#facts.workers();
      case 'total_requests':
        return this.#facts.totalRequests();
      case 'listen_queue':
        return this.#facts.queueLength();
      default:
        return this.#settings.onCall?.(workerId, name, args);
    }
  }

  /** The same where nobody waits for the answer: what is wrong is only logged. */
  tell(workerId: number, name: string, args: readonly unknown[]): void {
    new Promise((resolve) => resolve(this.answer(workerId, name, args))).catch((error: unknown) => {
      this.#settings.log.line(`uwsgi.${name}() failed: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
}
