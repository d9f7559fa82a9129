import { Buffer } from 'node:buffer';

import {
  type BodyReceiver,
  errorHead,
  type Exchange,
  type ExchangeHandler,
  HttpError,
  reasonPhrase,
  type ResponseHead,
  type ResponseObserver,
  ResponseParser,
  type ResponseReceiver,
  type TimerWheel,
} from '@emperor/http';
import { encodeUwsgiPacket } from '@emperor/protocol';
import type { Stream, StreamHandler, Transport } from '@emperor/transport';

import type { Backend, BackendGroup } from './backend-group.ts';

/** Bytes of a body without declared length that are collected: the uwsgi protocol cannot send one (UWSGI-FACTS 12.1). */
const MAX_COLLECTED_BYTES = 8 * 1024 * 1024;

const MAX_HELD_BYTES = 65_536;
const NOTHING = Buffer.alloc(0);

export interface UwsgiUpstreamSettings {
  readonly group: BackendGroup;
  readonly transport: Transport;
  readonly wheel: TimerWheel;
  readonly connectTimeoutMs: number;
  /** Longest silence of a backend (`http-timeout`). */
  readonly responseTimeoutMs: number;
  /** `http-modifier1`, `http-modifier2`. */
  readonly modifier1: number;
  readonly modifier2: number;
  readonly log: (message: string) => void;
}

/** Sends exchanges to backends over the uwsgi protocol (`http-to`). */
export class UwsgiUpstream implements ExchangeHandler {
  readonly #settings: UwsgiUpstreamSettings;

  constructor(settings: UwsgiUpstreamSettings) {
    this.#settings = settings;
  }

  handle(exchange: Exchange): boolean {
    new UwsgiCall(this.#settings, exchange).begin();
    return true;
  }
}

/** One exchange on its way through a backend. */
class UwsgiCall implements StreamHandler, BodyReceiver, ResponseObserver, ResponseReceiver {
  deadlineMs = Infinity;
  readonly #settings: UwsgiUpstreamSettings;
  readonly #exchange: Exchange;
  readonly #candidates: Backend[];
  #backend: Backend | undefined;
  #stream: Stream | undefined;
  #parser: ResponseParser | undefined;
  #collected: Buffer[] | undefined;
  #collectedBytes = 0;
  /** An answer that has begun to arrive and is held back for a moment. */
  #heldHead: ResponseHead | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #connected = false;
  #over = false;

  constructor(settings: UwsgiUpstreamSettings, exchange: Exchange) {
    this.#settings = settings;
    this.#exchange = exchange;
    this.#candidates = settings.group.order(performance.now());
  }

  begin(): void {
    const { body } = this.#exchange;
    if (body.length === undefined && body.complete === undefined) {
      this.#collected = [];
      body.receive(this);
    } else {
      this.#connectNext();
    }
  }

  #connectNext(): void {
    const backend = this.#candidates.shift();
    if (backend === undefined) {
      this.#fail(502);
      return;
    }
    this.#backend = backend;
    this.#connected = false;
    this.#setDeadline(this.#settings.connectTimeoutMs);
    this.#stream = this.#settings.transport.connect(backend.address, this);
  }

  // ---- towards the backend

  onConnect(): void {
    const { body, variables } = this.#exchange;
    if (this.#over) return;
    this.#connected = true;
    if (this.#backend !== undefined) this.#settings.group.succeeded(this.#backend);
    this.#setDeadline(this.#settings.responseTimeoutMs);
    this.#parser = new ResponseParser(this, variables.get('REQUEST_METHOD') === 'HEAD');
    if (this.#collected !== undefined) variables.set('CONTENT_LENGTH', String(this.#collectedBytes));
    let packet: Buffer;
    try {
      packet = encodeUwsgiPacket(this.#settings.modifier1, this.#settings.modifier2, variables.list);
    } catch (error) {
      this.#complain(error instanceof Error ? error.message : String(error));
      this.#fail(431);
      return;
    }
    this.#stream?.cork();
    this.#stream?.write(packet);
    const complete = this.#collected === undefined ? body.complete : Buffer.concat(this.#collected);
    if (complete === undefined) body.receive(this);
    else if (complete.length > 0) this.#stream?.write(complete);
    this.#stream?.uncork();
  }

  onBodyData(chunk: Buffer): void {
    if (this.#over) return;
    if (this.#collected !== undefined) {
      this.#collectedBytes += chunk.length;
      if (this.#collectedBytes > MAX_COLLECTED_BYTES) {
        this.#complain(
          `a chunked body of more than ${MAX_COLLECTED_BYTES} bytes cannot be sent over the uwsgi protocol`,
        );
        this.#fail(413);
        return;
      }
      this.#collected.push(chunk);
      return;
    }
    this.#setDeadline(this.#settings.responseTimeoutMs);
    if (this.#stream?.write(chunk) === false) this.#exchange.body.pause();
  }

  onBodyEnd(): void {
    if (this.#collected !== undefined && !this.#over) this.#connectNext();
  }

  onBodyError(): void {
    if (this.#over) return;
    this.#over = true;
    this.#letGo();
    this.#exchange.abort('the client did not send its whole request');
  }

  // ---- from the backend

  onData(chunk: Buffer): void {
    if (this.#over) return;
    this.#setDeadline(this.#settings.responseTimeoutMs);
    try {
      this.#parser?.push(chunk);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.#complain(error.message);
      this.#fail(502);
    }
  }

  /**
   * Most answers are small and end with the connection, a moment after their bytes: held back for that moment they go to the client
   * whole, with a Content-Length, in one write. Two turns of the event loop are enough; an answer that streams goes on then.
   */
  onHead(head: ResponseHead): void {
    this.#heldHead = head;
    setImmediate(() => setImmediate(this.#release));
  }

  onBody(content: Buffer): void {
    if (this.#over) return;
    // The chunk belongs to the transport, and the client may be slow to take it.
    const owned = Buffer.from(content);
    if (this.#heldHead === undefined) {
      if (!this.#exchange.write(owned)) this.#stream?.pause();
      return;
    }
    this.#held.push(owned);
    this.#heldBytes += owned.length;
    if (this.#heldBytes > MAX_HELD_BYTES) this.#release();
  }

  onComplete(): void {
    if (this.#over) return;
    this.#over = true;
    this.#settings.wheel.unwatch(this);
    this.#stream?.end();
    if (this.#heldHead === undefined) this.#exchange.end();
    else
      this.#exchange.respond(
        this.#heldHead,
        this.#held.length === 1 ? (this.#held[0] ?? NOTHING) : Buffer.concat(this.#held),
      );
  }

  readonly #release = (): void => {
    const head = this.#heldHead;
    if (head === undefined || this.#over) return;
    this.#heldHead = undefined;
    this.#exchange.start(head, this);
    let more = true;
    for (const chunk of this.#held) more = this.#exchange.write(chunk);
    this.#held = [];
    if (!more) this.#stream?.pause();
  };

  onEnd(): void {
    if (this.#over || this.#parser?.end() === true) return;
    this.#complain(
      this.#parser?.started === true
        ? 'it closed the connection in the middle of its answer'
        : 'it closed the connection without an answer',
    );
    this.#fail(502);
  }

  onClose(error?: Error): void {
    if (this.#over) return;
    const reason = error === undefined ? 'connection closed' : describe(error);
    if (this.#connected) {
      this.#complain(reason);
      this.#fail(502);
      return;
    }
    const { group } = this.#settings;
    const backend = this.#backend;
    if (backend === undefined) return;
    // uWSGI's own words, which people's log watchers know (UWSGI-FACTS 5.4).
    this.#settings.log(
      `[uwsgi-http] unable to connect() to node "${backend.name}" (${backend.failures} retries): ${reason}`,
    );
    if (backend.failures === 0) {
      this.#settings.log(
        `[uwsgi-http] ${this.#exchange.variables.get('HTTP_HOST') ?? ''} => marking ${backend.name} as failed`,
      );
    }
    group.failed(backend, performance.now());
    this.#connectNext();
  }

  // ---- from the client's side of the exchange; `onDrain` is also the backend's: each only resumes the other side

  onDrain(): void {
    this.#stream?.resume();
    if (this.#connected && !this.#over) this.#exchange.body.resume();
  }

  onAbort(): void {
    this.#over = true;
    this.#letGo();
  }

  // ---- ending

  onDeadline(): void {
    if (this.#over) return;
    if (this.#connected) {
      this.#complain('it did not answer in time (option http-timeout)');
      this.#fail(504);
    } else {
      this.#stream?.destroy();
      this.onClose(new Error('no connection in time (option http-connect-timeout)'));
    }
  }

  #setDeadline(delayMs: number): void {
    const wanted = performance.now() + delayMs;
    const watched = this.deadlineMs <= wanted;
    this.deadlineMs = wanted;
    if (!watched) this.#settings.wheel.watch(this);
  }

  #complain(message: string): void {
    this.#settings.log(`[uwsgi-http] backend "${this.#backend?.name ?? ''}": ${message}`);
  }

  #fail(status: number): void {
    this.#over = true;
    this.#letGo();
    if (this.#exchange.responded) this.#exchange.abort('the backend failed');
    else this.#exchange.respond(errorHead(status), Buffer.from(reasonPhrase(status)));
  }

  #letGo(): void {
    this.#settings.wheel.unwatch(this);
    this.#stream?.destroy();
    this.#stream = undefined;
  }
}

function describe(error: Error & { code?: string }): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'Connection refused';
    case 'ENOENT':
      return 'No such file or directory';
    case 'ECONNRESET':
      return 'Connection reset by peer';
    case 'ETIMEDOUT':
      return 'Connection timed out';
    default:
      return error.message;
  }
}
