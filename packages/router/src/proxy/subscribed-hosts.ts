import { Buffer } from 'node:buffer';

import { errorHead, type Exchange, type ExchangeHandler, reasonPhrase } from '@emperor/http';

import type { SubscriptionTable } from './subscription-table.ts';
import type { Upstream } from './upstream.ts';
import type { WaitingRoom } from './waiting-room.ts';

export interface SubscribedHostsSettings {
  readonly table: SubscriptionTable;
  /** How requests are sent on; its own backends are those for hosts that nobody has announced. */
  readonly upstream: Upstream;
  /** Serves hosts that nobody has announced, and those whose nodes cannot be reached (`http-subscription-fallback-key`). */
  readonly fallbackKey: string | undefined;
  /** Others can answer for hosts that nobody has announced (`http-to`, the app); else they get 503. */
  readonly passesOn: boolean;
  /** Where requests wait as long as nobody has announced anything (`http-cheap`). */
  readonly waitingRoom?: WaitingRoom | undefined;
  readonly log: (message: string) => void;
}

/** Sends requests to the nodes that were announced for their host (`http-subscription-server`). */
export class SubscribedHosts implements ExchangeHandler {
  readonly #settings: SubscribedHostsSettings;

  constructor(settings: SubscribedHostsSettings) {
    this.#settings = settings;
  }

  handle(exchange: Exchange): boolean {
    const { table, waitingRoom } = this.#settings;
    if (waitingRoom === undefined || table.isInhabited) return this.#forward(exchange);
    waitingRoom.add(exchange, () => {
      if (!this.#forward(exchange)) this.#refuse(exchange);
    });
    return true;
  }

  #forward(exchange: Exchange): boolean {
    const { table, upstream, fallbackKey, passesOn } = this.#settings;
    const fallback = fallbackKey === undefined ? undefined : table.find(fallbackKey);
    const pool = table.find(exchange.variables.get('HTTP_HOST') ?? '') ?? fallback;
    if (pool !== undefined) {
      pool.hits++;
      upstream.forward(exchange, pool.group, [...(fallback?.group.backends ?? []), ...upstream.fallbacks]);
      return true;
    }
    if (passesOn) return false;
    this.#refuse(exchange);
    return true;
  }

  #refuse(exchange: Exchange): void {
    const host = exchange.variables.get('HTTP_HOST') ?? '';
    this.#settings.log(`[uwsgi-http] no node has been announced for ${JSON.stringify(host)}`);
    exchange.respond(errorHead(503), Buffer.from(reasonPhrase(503)));
  }
}
