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
  /** What was found wrong with its files when they were read last. */
  configProblems = 0;
  #errorsBeforeReload = 0;

  /** An exchange is over. */
  count(exchange: Exchange): void {
    const now = performance.now();
    const tookMs = now - exchange.startedAtMs;
    this.counters.count(exchange);
    if (exchange.record.workerId === 0) countOwn(this.own, exchange);
    this.latency.addUs(tookMs * 1000);
    this.recent.add(tookMs, exchange.status >= 500, now);
  }

  reloadBegins(): void {
    this.#errorsBeforeReload = this.#errors;
  }

  /** A new generation serves. @param reason what asked for it */
  reloaded(reason: string, tookMs: number): void {
    this.reloads++;
    this.own = noAnswers();
    this.#reloadIsOver('done', reason, tookMs);
  }

  /** The old generation goes on, and why. */
  reloadRefused(reason: string, tookMs: number): void {
    this.#reloadIsOver('refused', reason, tookMs);
  }

  /** The old generation has answered its last request: until then what failed may be on account of that reload. */
  oldRequestsAnswered(reload: ControlReload | undefined): void {
    if (reload === undefined || reload !== this.lastReload) return;
    this.lastReload = { ...reload, failed: this.#errors - this.#errorsBeforeReload };
  }

  #reloadIsOver(outcome: ControlReload['outcome'], reason: string, tookMs: number): void {
    const failed = this.#errors - this.#errorsBeforeReload;
    this.lastReload = { at: Date.now(), outcome, reason, tookMs, failed };
  }

  get #errors(): number {
    return this.counters.byClass[5] ?? 0;
  }
}
