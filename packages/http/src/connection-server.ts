import type { Stream, StreamHandler } from '@emperor/transport';

import type { Exchange, ListenerDescription } from './exchange.ts';
import type { TimerWheel } from './timer-wheel.ts';

/** Bounds on what a client can send, and how long it may take. Each corresponds to an option of uWSGI. */
export interface ConnectionLimits {
  /** Bytes of a request head, as received and as variables (`buffer-size`). */
  readonly headBytes: number;
  /** Bytes of a request body, 0 for no limit (`limit-post`). */
  readonly bodyBytes: number;
  /** From the first byte of a head to its end (`socket-timeout`, `http-headers-timeout`). */
  readonly headTimeoutMs: number;
  /** Between two pieces of a body. */
  readonly bodyTimeoutMs: number;
  /** How long a client may leave an answer untouched. */
  readonly writeTimeoutMs: number;
  /** Between two requests of a connection. */
  readonly idleTimeoutMs: number;
}

/** What every kind of listener is given. */
export interface ConnectionServerSettings {
  readonly listener: ListenerDescription;
  readonly limits: ConnectionLimits;
  /** Answers the exchange, whatever it takes. */
  readonly handle: (exchange: Exchange) => void;
  /** The exchange is over: log it, count it. */
  readonly finished: (exchange: Exchange) => void;
  /** A line for the log about a request that was refused or an answer that was broken. */
  readonly complain: (message: string) => void;
}

/** A connection as its server sees it. */
export interface ServedConnection extends StreamHandler {
  /** No new request is wanted: an idle connection closes now, a busy one after its answer. */
  closeWhenIdle(): void;
  destroy(): void;
}

/** All connections of one listener. */
export abstract class ConnectionServer {
  readonly wheel: TimerWheel;
  readonly #connections = new Set<ServedConnection>();
  #draining = false;
  #onDrained: (() => void) | undefined;

  constructor(wheel: TimerWheel) {
    this.wheel = wheel;
  }

  protected abstract serve(stream: Stream): ServedConnection;

  get draining(): boolean {
    return this.#draining;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  readonly accept = (stream: Stream): StreamHandler => {
    const connection = this.serve(stream);
    this.#connections.add(connection);
    return connection;
  };

  connectionClosed(connection: ServedConnection): void {
    this.#connections.delete(connection);
    if (this.#draining && this.#connections.size === 0) this.#onDrained?.();
  }

  /** Closes idle connections now and the others after their current answer. Resolves when none is left. */
  drain(): Promise<void> {
    this.#draining = true;
    for (const connection of this.#connections) connection.closeWhenIdle();
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onDrained = resolve;
    });
  }

  /** Cuts every connection. */
  destroy(): void {
    for (const connection of this.#connections) connection.destroy();
  }
}
