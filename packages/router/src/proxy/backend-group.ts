import { Backend, type BackendDescription } from './backend.ts';
import { BALANCES, type BalanceName } from './balance.ts';

const FIRST_DELAY_MS = 100;
/** A backend that comes back is used again within a second (uWSGI: 30 s, UWSGI-FACTS 5.4). */
const MAX_DELAY_MS = 1000;

const NONE: readonly Backend[] = [];

/** The backends of a proxy, balanced; the failed are set aside for a moment, but never all of them. */
export class BackendGroup {
  balance: BalanceName;
  readonly #backends: Backend[];

  constructor(descriptions: readonly BackendDescription[], balance: BalanceName = 'wrr') {
    this.balance = balance;
    this.#backends = descriptions.map((description) => new Backend(description));
  }

  get backends(): readonly Backend[] {
    return this.#backends;
  }

  add(description: BackendDescription): Backend {
    const backend = new Backend(description);
    this.#backends.push(backend);
    return backend;
  }

  /** Requests it is answering are not disturbed. */
  remove(backend: Backend): void {
    const index = this.#backends.indexOf(backend);
    if (index >= 0) this.#backends.splice(index, 1);
  }

  /**
   * The backend to try next for one request: the healthy one whose turn it is, else of those set aside the one due first.
   * @param tried those this request has failed with already
   * @param client IP address of the client, for `iphash`
   */
  choose(nowMs: number, tried: readonly Backend[] = NONE, client: string = ''): Backend | undefined {
    const backends = this.#backends;
    const precedes = BALANCES[this.balance];
    const [first] = backends;
    if (backends.length === 1 && first !== undefined) return tried.includes(first) ? undefined : first;
    let best: Backend | undefined;
    let aside: Backend | undefined;
    let weights = 0;
    for (const backend of backends) {
      if (tried.includes(backend)) continue;
      if (backend.retryAtMs > nowMs) {
        if (aside === undefined || backend.retryAtMs < aside.retryAtMs) aside = backend;
        continue;
      }
      weights += backend.weight;
      backend.credit += backend.weight;
      if (best === undefined || precedes(backend, best, client)) best = backend;
    }
    if (best === undefined) return aside;
    best.credit -= weights;
    // A backend that failed is tried by one request at a time; the others prefer those that are known to work.
    if (best.failures > 0) best.retryAtMs = nowMs + delayAfter(best.failures);
    return best;
  }

  failed(backend: Backend, nowMs: number): void {
    backend.failures++;
    backend.retryAtMs = nowMs + delayAfter(backend.failures);
  }

  succeeded(backend: Backend): void {
    backend.failures = 0;
    backend.retryAtMs = 0;
  }
}

function delayAfter(failures: number): number {
  return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
}
