import type { Exchange } from '@emperor/http';
import { type ControlReload, LatencyHistogram } from '@emperor/protocol';
import { Counters } from '@emperor/router';
import { AppFigures } from '@emperor/worker';

import { RecentRequests } from './recent-requests.ts';

/** Answers that no worker had a part in. */
export interface OwnAnswers {
  requests: number;
  bytes: number;
  static: number;
  /** Of the static ones: those that were handed over to be sent aside. */
  offloaded: number;
  routed: number;
}

function noAnswers(): OwnAnswers {
  return { requests: 0, bytes: 0, static: 0, offloaded: 0, routed: 0 };
}

function countOwn(own: OwnAnswers, { record, headBytes, bodyBytes }: Exchange): void {
  own.requests++;
  own.bytes += headBytes + bodyBytes;
  if (record.via === 'route()') own.routed++;
  if (record.via === 'offload()' || record.via === 'sendfile()') own.static++;
  if (record.via === 'offload()') own.offloaded++;
}

/** What an instance counts from its start on, over all its generations. */
export class InstanceFigures {
  readonly startedAt: number = Date.now();
  readonly counters: Counters = new Counters();
  readonly app: AppFigures = new AppFigures();
  /** From the complete head of a request to the end of its answer, whoever answered. */
  readonly latency: LatencyHistogram = new LatencyHistogram();
  readonly recent: RecentRequests = new RecentRequests(performance.now());
  /** What this process answered itself, since the last reload: uWSGI's workers would have. */
  own: OwnAnswers = noAnswers();
  reloads = 0;
  lastReload: ControlReload | undefined;

  /** An exchange is over. */
  count(exchange: Exchange): void {
    const now = performance.now();
    const tookMs = now - exchange.startedAtMs;
    this.counters.count(exchange);
    if (exchange.record.workerId === 0) countOwn(this.own, exchange);
    this.latency.addUs(tookMs * 1000);
    this.recent.add(tookMs, exchange.status >= 500, now);
  }

  /** A new generation serves. @param reason what asked for it */
  reloaded(reason: string, tookMs: number): void {
    this.reloads++;
    this.own = noAnswers();
    this.lastReload = { at: Date.now(), outcome: 'done', reason, tookMs };
  }

  /** The old generation goes on, and why. */
  reloadRefused(reason: string, tookMs: number): void {
    this.lastReload = { at: Date.now(), outcome: 'refused', reason, tookMs };
  }
}
