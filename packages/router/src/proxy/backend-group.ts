import type { SocketAddress } from '@emperor/transport';

/** One place requests can be sent to. */
export interface Backend {
  /** As the user wrote it, for logs. */
  readonly name: string;
  readonly address: SocketAddress;
  /** Connections that failed in a row. */
  failures: number;
  /** `performance.now()` time before which others are preferred. */
  retryAtMs: number;
}

const FIRST_DELAY_MS = 100;
/** A backend that comes back is used again within a second (uWSGI: 30 s, UWSGI-FACTS 5.4). */
const MAX_DELAY_MS = 1000;

/** The backends of a proxy: round robin; the failed are set aside for a moment, but never all of them. */
export class BackendGroup {
  readonly backends: readonly Backend[];
  #next = 0;

  constructor(backends: readonly { name: string; address: SocketAddress }[]) {
    this.backends = backends.map(({ name, address }) => ({ name, address, failures: 0, retryAtMs: 0 }));
  }

  /** The order in which to try them for one request: healthy ones in turn, then those set aside, the one due first in front. */
  order(nowMs: number): Backend[] {
    const { backends } = this;
    const turn = this.#next++ % backends.length;
    const rotated = [...backends.slice(turn), ...backends.slice(0, turn)];
    const healthy = rotated.filter((backend) => backend.retryAtMs <= nowMs);
    if (healthy.length === rotated.length) return rotated;
    const aside = rotated.filter((backend) => backend.retryAtMs > nowMs).toSorted((a, b) => a.retryAtMs - b.retryAtMs);
    return [...healthy, ...aside];
  }

  failed(backend: Backend, nowMs: number): void {
    backend.failures++;
    backend.retryAtMs = nowMs + Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (backend.failures - 1));
  }

  succeeded(backend: Backend): void {
    backend.failures = 0;
    backend.retryAtMs = 0;
  }
}
