import { Buffer } from 'node:buffer';

import { errorHead, type Exchange, type ExchangeHandler, reasonPhrase } from '@emperor/http';

import type { SubscriptionTable } from './subscription-table.ts';
import type { Upstream } from './upstream.ts';

export interface SubscribedHostsSettings {
  readonly table: SubscriptionTable;
  /** How requests are sent on; its own backends are those for hosts that nobody has announced. */
  readonly upstream: Upstream;
  /** Serves hosts that nobody has announced, and those whose nodes cannot be reached (`http-subscription-fallback-key`). */
  readonly fallbackKey: string | undefined;
  /** Others can answer for hosts that nobody has announced (`http-to`); else they get 503. */
  readonly passesOn: boolean;
  readonly log: (message: string) => void;
}

/** Sends requests to the nodes that were announced for their host (`http-subscription-server`). */
export class SubscribedHosts implements ExchangeHandler {
  readonly #settings: SubscribedHostsSettings;

  constructor(settings: SubscribedHostsSettings) {
    this.#settings = settings;
  }

  handle(exchange: Exchange): boolean {
    const { table, upstream, fallbackKey, passesOn, log } = this.#settings;
    const host = exchange.variables.get('HTTP_HOST') ?? '';
    const fallback = fallbackKey === undefined ? undefined : table.find(fallbackKey);
    const group = table.find(host) ?? fallback;
    if (group !== undefined) {
      upstream.forward(exchange, group, [...(fallback?.backends ?? []), ...upstream.fallbacks]);
      return true;
    }
    if (passesOn) return false;
    log(`[uwsgi-http] no node has been announced for ${JSON.stringify(host)}`);
    exchange.respond(errorHead(503), Buffer.from(reasonPhrase(503)));
    return true;
  }
}
