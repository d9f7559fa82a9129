import type { Exchange, ExchangeHandler } from '@emperor/http';

import { Backend, type BackendDescription } from './backend.ts';
import type { BackendGroup } from './backend-group.ts';
import { ConnectionPool } from './connection-pool.ts';
import { HttpWire } from './http-wire.ts';
import type { RequestWire } from './request-wire.ts';
import { TrustedProxies } from './trusted-proxies.ts';
import { type CallContext, UpstreamCall } from './upstream-call.ts';
import type { UpstreamSettings } from './upstream-settings.ts';
import { UwsgiWire } from './uwsgi-wire.ts';

export interface UpstreamOptions extends UpstreamSettings {
  readonly group: BackendGroup;
  /** Asked in their order when none of the group can be reached (`http-fallback`). */
  readonly fallbacks?: readonly BackendDescription[];
  /** Bodies are collected before they are sent on, in memory up to so many bytes, else on disk (`post-buffering`); 0 or nothing: as they come. */
  readonly collectBytes?: number;
  /** Proxies in front whose word about their clients goes on to HTTP backends (`trusted-proxy`): addresses and networks. */
  readonly trustedProxies?: readonly string[];
}

/** Sends exchanges to backends (`http-to`, the `http:` and `uwsgi:` actions of routes, subscribed nodes). */
export class Upstream implements ExchangeHandler, CallContext {
  readonly settings: UpstreamSettings;
  readonly pool: ConnectionPool;
  /** Asked in their order when none of the group can be reached (`http-fallback`). */
  readonly fallbacks: readonly Backend[];
  readonly collectBytes: number;
  readonly #group: BackendGroup;
  readonly #uwsgi: UwsgiWire;
  readonly #http: HttpWire;

  constructor(options: UpstreamOptions) {
    this.settings = options;
    this.pool = new ConnectionPool(options.transport, options.wheel);
    this.fallbacks = (options.fallbacks ?? []).map((description) => new Backend(description));
    this.collectBytes = options.collectBytes ?? 0;
    this.#group = options.group;
    this.#uwsgi = new UwsgiWire(options);
    this.#http = new HttpWire(new TrustedProxies(options.trustedProxies ?? []));
  }

  get backends(): readonly Backend[] {
    return this.#group.backends;
  }

  wireFor({ protocol }: Backend): RequestWire {
    return protocol === 'http' ? this.#http : this.#uwsgi;
  }

  handle(exchange: Exchange): boolean {
    this.forward(exchange, this.#group);
    return true;
  }

  /** Sends an exchange to the backends of another group than its own. */
  forward(exchange: Exchange, group: BackendGroup, fallbacks: readonly Backend[] = this.fallbacks): void {
    new UpstreamCall(this, exchange, group, fallbacks).begin();
  }

  /** Closes connections that are kept for later. Requests under way are answered. */
  close(): void {
    this.pool.close();
  }
}
