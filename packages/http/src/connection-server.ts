import type { Buffer } from 'node:buffer';

import type { ClientCertificate, Stream, StreamHandler } from '@emperor/transport';

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
  /** The same for a chunked one (`chunked-input-timeout`). */
  readonly chunkTimeoutMs: number;
  /** Bytes of one chunk of a body, 0 for no limit (`chunked-input-limit`). */
  readonly chunkBytes: number;
  /** Bytes of a body whose client asks before it sends it, 0 for no limit (`http-manage-expect`). */
  readonly expectedBytes: number;
  /** Bytes of the head of an answer (`response-headers-limit`). */
  readonly answerHeadBytes: number;
  /** How long a client may leave an answer untouched. */
  readonly writeTimeoutMs: number;
  /** Between two requests of a connection. */
  readonly idleTimeoutMs: number;
}

/** A packet of the uwsgi protocol that is no request. */
export interface UwsgiPacket {
  readonly modifier1: number;
  readonly modifier2: number;
  /** Valid during the call: copy what must stay. */
  readonly block: Buffer;
}

/** What becomes of such a packet. */
export interface PacketAnswer {
  /** Bytes that the client sends behind the block. */
  readonly bodyBytes: number;
  /** Called with them; what it gives is sent, then the connection closes. */
  readonly answer: (body: Buffer) => Uint8Array | Promise<Uint8Array>;
}

/** What every kind of listener is given. */
export interface ConnectionServerSettings {
  readonly listener: ListenerDescription;
  readonly limits: ConnectionLimits;
  /** Answers the exchange, whatever it takes. */
  readonly handle: (exchange: Exchange) => void;
  /** The exchange is over: log it, count it. */
  readonly finished: (exchange: Exchange) => void;
  /** Answers packets of the uwsgi protocol that are no requests, such as those for the cache. @returns undefined for one it does not know */
  readonly takePacket?: ((packet: UwsgiPacket) => PacketAnswer | undefined) | undefined;
  /** A line for the log about a request that was refused or an answer that was broken. */
  readonly complain: (message: string) => void;
  /** The same without a date, for what uWSGI says without one; `complain` where it is not given. */
  readonly say?: (message: string) => void;
  /** No line when a client goes away before it has its answer (`ignore-write-errors`). */
  readonly ignoresLostClients?: boolean;
}

/** A connection as its server sees it. */
export interface OpenConnection {
  /** Where its server keeps it: the server's own. */
  serverPlace: number;
  /** No new connection is wanted: an idle one closes when it stays idle for so long, a busy one after its next answer. */
  closeWhenIdle(graceMs: number): void;
  destroy(): void;
}

/** A connection on a stream. */
export interface ServedConnection extends OpenConnection, StreamHandler {}

/**
 * How long an idle connection is left open when the server drains. A client that is about to send its next request
 * gets an answer that says `Connection: close` instead of losing the request to a closing connection.
 */
const DRAIN_GRACE_MS = 500;

/** All connections of one listener. */
export abstract class ConnectionServer<S extends ConnectionServerSettings = ConnectionServerSettings> {
  readonly wheel: TimerWheel;
  #settings: S;
  /** In no order: a connection that ends leaves its place to the last one. */
  readonly #connections: OpenConnection[] = [];
  #drainGraceMs: number | undefined;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(settings: S, wheel: TimerWheel) {
    this.#settings = settings;
    this.wheel = wheel;
  }

  get settings(): S {
    return this.#settings;
  }

  /**
   * From now on requests go by these settings, also on connections that are open: a reload costs no client its connection.
   * An exchange that has begun stays with those it began with.
   */
  reconfigure(settings: S): void {
    this.#settings = settings;
  }

  protected abstract serve(stream: Stream, clientCertificate: ClientCertificate | undefined): ServedConnection;

  get draining(): boolean {
    return this.#drained !== undefined;
  }

  /** How long a connection may wait for its next request; short while the server drains. */
  get idleMs(): number {
    const { idleTimeoutMs } = this.settings.limits;
    return this.#drainGraceMs === undefined ? idleTimeoutMs : Math.min(idleTimeoutMs, this.#drainGraceMs);
  }

  get connectionCount(): number {
    return this.#connections.length;
  }

  readonly accept = (stream: Stream, clientCertificate?: ClientCertificate): StreamHandler => {
    const connection = this.serve(stream, clientCertificate);
    this.#add(connection);
    return connection;
  };

  #add(connection: OpenConnection): void {
    connection.serverPlace = this.#connections.push(connection) - 1;
  }

  /** Counts a connection that came otherwise than by `accept`. */
  protected adopt(connection: OpenConnection): void {
    this.#add(connection);
    if (this.#drainGraceMs !== undefined) connection.closeWhenIdle(this.#drainGraceMs);
  }

  connectionClosed(connection: OpenConnection): void {
    const connections = this.#connections;
    if (connections[connection.serverPlace] !== connection) return;
    const last = connections.pop();
    if (last !== undefined && last !== connection) {
      connections[connection.serverPlace] = last;
      last.serverPlace = connection.serverPlace;
    }
    if (connections.length === 0) this.#drained?.resolve();
  }

  /**
   * Closes busy connections after their next answer and idle ones when they stay idle for `graceMs`; 0 closes them now.
   * Resolves when none is left.
   */
  drain(graceMs: number = DRAIN_GRACE_MS): Promise<void> {
    this.#drainGraceMs = graceMs;
    this.#drained ??= Promise.withResolvers();
    for (const connection of this.#connections.slice()) connection.closeWhenIdle(graceMs);
    if (this.#connections.length === 0) this.#drained.resolve();
    return this.#drained.promise;
  }

  /** Cuts every connection. */
  destroy(): void {
    for (const connection of this.#connections.slice()) connection.destroy();
  }
}
