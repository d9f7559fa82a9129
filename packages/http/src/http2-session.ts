import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';

import type { ClientCertificate } from '@emperor/transport';

import type { OpenConnection } from './connection-server.ts';
import { HttpError } from './http-error.ts';
import { parseHttp2Head } from './http2-head.ts';
import { Http2Request } from './http2-request.ts';
import type { HttpServer } from './http-server.ts';
import { type RequestOrigin, requestOrigin } from './request-origin.ts';
import type { Expiring } from './timer-wheel.ts';

const MAX_STREAMS = 100;
/** What RFC 9113 section 6.5.2 counts for each field beside its bytes, for as many as nghttp2 takes by default. */
const FIELD_OVERHEAD_BYTES = 32 * 128;
const WINDOW_BYTES = 262_144;
/** Requests given up at once, as by who leaves a page, and then every second: more is an attack (CVE-2023-44487). */
const RESET_BURST = 300;
const RESETS_PER_SECOND = 33;
/** Frames about the connection itself that a client may send without a request between them. */
const MAX_CONTROL_FRAMES = 1000;
/** How long a client may take to see that its connection has ended. */
const LINGER_MS = 2000;
const ANY_STREAM = 2 ** 31 - 1;
const MAPPED_IPV4 = '::ffff:';
const { NGHTTP2_NO_ERROR, NGHTTP2_ENHANCE_YOUR_CALM } = constants;

/** One HTTP/2 connection: its streams are exchanges like any other. */
export class Http2Session implements OpenConnection, Expiring {
  deadlineMs: number;
  serverPlace = -1;
  readonly #server: HttpServer;
  readonly #socket: TLSSocket;
  readonly #session: ServerHttp2Session;
  readonly #origin: RequestOrigin;
  #openStreams = 0;
  #controlFrames = 0;
  #ending = false;
  /** It was asked to end in order; what follows is a cut. */
  #closing = false;

  constructor(server: HttpServer, socket: TLSSocket, clientCertificate: ClientCertificate | undefined) {
    const { settings, wheel } = server;
    this.#server = server;
    this.#socket = socket;
    this.#origin = requestOrigin(settings, describePeer(socket), clientCertificate);
    const session = performServerHandshake(socket, optionsFor(settings.limits.headBytes));
    this.#session = session;
    session.on('stream', (stream, _headers, flags, fields) => this.#begin(stream, flags, fields));
    session.on('ping', this.#countControlFrame);
    session.on('remoteSettings', this.#countControlFrame);
    // Streams tell what it means for them; the session only ends.
    session.on('error', () => undefined);
    session.on('close', () => {
      wheel.unwatch(this);
      server.connectionClosed(this);
    });
    this.deadlineMs = performance.now() + settings.limits.headTimeoutMs;
    wheel.watch(this);
  }

  #begin(stream: ServerHttp2Stream, flags: number, fields: readonly string[]): void {
    this.#controlFrames = 0;
    this.#openStreams++;
    this.deadlineMs = Infinity;
    const request = new Http2Request(this.#server, stream, this.#origin.remoteAddress, this.#cutStuck);
    stream.on('close', () => this.#streamClosed());
    try {
      const parsed = parseHttp2Head(fields, this.#server.settings.limits.headBytes, this.#origin);
      request.begin(parsed, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      request.refuse(error);
    }
  }

  #streamClosed(): void {
    this.#openStreams--;
    if (this.#openStreams === 0) this.#expect(this.#server.idleMs);
  }

  #expect(delayMs: number): void {
    this.deadlineMs = performance.now() + delayMs;
    this.#server.wheel.watch(this);
  }

  readonly #countControlFrame = (): void => {
    this.#controlFrames++;
    if (this.#controlFrames < MAX_CONTROL_FRAMES || this.#session.destroyed) return;
    this.#server.settings.complain(`${this.#origin.remoteAddress} floods its HTTP/2 connection: connection cut`);
    this.#session.destroy(undefined, NGHTTP2_ENHANCE_YOUR_CALM);
  };

  /** A client that is about to send a request may still do so within the grace; then it is told which was the last (RFC 9113 section 6.8). */
  closeWhenIdle(graceMs: number): void {
    if (this.#ending || this.#session.destroyed) return;
    this.#ending = true;
    if (graceMs === 0) {
      this.#session.close();
      return;
    }
    this.#session.goaway(NGHTTP2_NO_ERROR, ANY_STREAM);
    this.#expect(graceMs);
  }

  destroy(): void {
    this.#session.destroy();
  }

  onDeadline(): void {
    this.deadlineMs = Infinity;
    if (!this.#ending && this.#openStreams > 0) return;
    if (this.#closing) {
      this.#cut();
      return;
    }
    this.#closing = true;
    this.#session.close();
    // Who takes nothing does not see the end either.
    if (this.#openStreams === 0) this.#expect(LINGER_MS);
  }

  /** The client does not even take the end of a stream. */
  readonly #cutStuck = (): void => {
    if (this.#socket.destroyed) return;
    this.#server.settings.complain(
      `${this.#origin.remoteAddress} took nothing of its HTTP/2 connection in time: connection cut`,
    );
    this.#cut();
  };

  /** Not by way of the session: it would wait for what is pending to be taken. */
  #cut(): void {
    this.#socket.destroy();
  }
}

function describePeer({ remoteAddress = '', remotePort = 0 }: TLSSocket): {
  remoteAddress: string;
  remotePort: number;
} {
  const isMapped = remoteAddress.startsWith(MAPPED_IPV4);
  return { remoteAddress: isMapped ? remoteAddress.slice(MAPPED_IPV4.length) : remoteAddress, remotePort };
}

function optionsFor(headBytes: number): Parameters<typeof performServerHandshake>[1] {
  return {
    settings: {
      maxConcurrentStreams: MAX_STREAMS,
      maxHeaderListSize: headBytes + FIELD_OVERHEAD_BYTES,
      initialWindowSize: WINDOW_BYTES,
    },
    streamResetBurst: RESET_BURST,
    streamResetRate: RESETS_PER_SECOND,
    // Repeated fields are the app's business, as over HTTP/1.1.
    strictSingleValueFields: false,
  };
}
