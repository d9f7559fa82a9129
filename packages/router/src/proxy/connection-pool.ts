import type { Expiring, TimerWheel } from '@emperor/http';
import type { Transport } from '@emperor/transport';

import type { Backend } from './backend.ts';
import { BackendConnection, type ConnectionKeeper, type ConnectionUser } from './backend-connection.ts';

/** Unused connections kept for one backend: more than a busy router of one process has use for at a time. */
const MAX_IDLE = 256;
const SWEEP_MS = 1000;

/** Connections to backends: made, lent to requests, and kept for the next one where the backend agrees. */
export class ConnectionPool implements ConnectionKeeper, Expiring {
  deadlineMs: number = Infinity;
  readonly #transport: Transport;
  readonly #wheel: TimerWheel;
  /** By endpoint: hundreds of announced hosts may share one. */
  readonly #idle = new Map<string, BackendConnection[]>();
  #closed = false;

  constructor(transport: Transport, wheel: TimerWheel) {
    this.#transport = transport;
    this.#wheel = wheel;
  }

  get idleCount(): number {
    let count = 0;
    for (const list of this.#idle.values()) count += list.length;
    return count;
  }

  /** A kept connection, the last used first; undefined where there is none. */
  take(backend: Backend, user: ConnectionUser): BackendConnection | undefined {
    const list = this.#idle.get(backend.endpoint);
    const nowMs = performance.now();
    for (let connection = list?.pop(); connection !== undefined; connection = list?.pop()) {
      if (connection.usableUntilMs > nowMs) {
        connection.use(user);
        return connection;
      }
      connection.close();
    }
    return undefined;
  }

  connect(backend: Backend, user: ConnectionUser): BackendConnection {
    const connection = new BackendConnection(backend, this, user);
    connection.attach(this.#transport.connect(backend.address, connection));
    return connection;
  }

  /** Keeps a connection whose request is over for the next one, for so long. */
  keep(connection: BackendConnection, idleMs: number): void {
    let list = this.#idle.get(connection.backend.endpoint);
    if (list === undefined) {
      list = [];
      this.#idle.set(connection.backend.endpoint, list);
    }
    if (this.#closed || list.length >= MAX_IDLE) {
      connection.close();
      return;
    }
    connection.usableUntilMs = performance.now() + idleMs;
    connection.rest();
    list.push(connection);
    this.#sweepLater();
  }

  forget(connection: BackendConnection): void {
    const list = this.#idle.get(connection.backend.endpoint);
    const index = list?.indexOf(connection) ?? -1;
    if (index >= 0) list?.splice(index, 1);
  }

  /** Closes what is kept, and from now on whatever comes back. */
  close(): void {
    this.#closed = true;
    for (const list of this.#idle.values()) for (const connection of list.splice(0)) connection.close();
    this.#wheel.unwatch(this);
  }

  // One look at all of them each second costs less than a timer for each.
  #sweepLater(): void {
    if (this.deadlineMs !== Infinity) return;
    this.deadlineMs = performance.now() + SWEEP_MS;
    this.#wheel.watch(this);
  }

  onDeadline(): void {
    const nowMs = performance.now();
    for (const [endpoint, list] of this.#idle) {
      const over = list.filter((connection) => connection.usableUntilMs <= nowMs);
      for (const connection of over) {
        this.forget(connection);
        connection.close();
      }
      if (list.length === 0) this.#idle.delete(endpoint);
    }
    this.deadlineMs = Infinity;
    this.#wheel.unwatch(this);
    if (this.#idle.size > 0) this.#sweepLater();
  }
}
