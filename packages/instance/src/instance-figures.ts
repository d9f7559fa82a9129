import type { Exchange } from '@emperor/http';
import { type ControlReload, LatencyHistogram } from '@emperor/protocol';
import { Counters } from '@emperor/router';
import { AppFigures } from '@emperor/worker';

import { RecentRequests } from './recent-requests.ts';

/** What an instance counts from its start on, over all its generations. */
export class InstanceFigures {
  readonly startedAt: number = Date.now();
  readonly counters: Counters = new Counters();
  readonly app: AppFigures = new AppFigures();
  /** From the complete head of a request to the end of its answer, whoever answered. */
  readonly latency: LatencyHistogram = new LatencyHistogram();
  readonly recent: RecentRequests = new RecentRequests(performance.now());
  reloads = 0;
  lastReload: ControlReload | undefined;

  /** An exchange is over. */
  count(exchange: Exchange): void {
    const now = performance.now();
    const tookMs = now - exchange.startedAtMs;
    this.counters.count(exchange);
    this.latency.addUs(tookMs * 1000);
    this.recent.add(tookMs, exchange.status >= 500, now);
  }

  /** A new generation serves. @param reason what asked for it */
  reloaded(reason: string, tookMs: number): void {
    this.reloads++;
    this.lastReload = { at: Date.now(), outcome: 'done', reason, tookMs };
  }

  /** The old generation goes on, and why. */
  reloadRefused(reason: string, tookMs: number): void {
    this.lastReload = { at: Date.now(), outcome: 'refused', reason, tookMs };
  }
}
