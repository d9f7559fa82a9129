import { Buffer } from 'node:buffer';

import type { BodyReceiver, Exchange, RequestBody, ResponseHead, ResponseObserver } from '@emperor/http';
import {
  encodeCloseCode,
  encodeWebSocketFrame,
  MESSAGE_OVERHEAD_BYTES,
  WebSocketCloseCode,
  WebSocketError,
  WebSocketFrameDecoder,
  WebSocketOpcode,
} from '@emperor/protocol';

import { readCloseCode } from './websocket-close-code.ts';
import { WebSocketFragments } from './websocket-fragments.ts';

/** An app that has nothing left to take has so long, from the last sign of it, to end its request; then the connection is closed without it. */
const FAREWELL_MS = 1000;

export interface WebSocketSettings {
  /** `websockets-ping-freq`: silence of the client after which it is asked whether it is still there; 0: never. */
  readonly pingSeconds: number;
  /** `websockets-pong-tolerance`: time it has for its answer. */
  readonly pongSeconds: number;
  /** `websockets-max-size`. */
  readonly maxMessageBytes: number;
}

/** The app's side of a conversation. */
export interface WebSocketApp extends ResponseObserver {
  /** A whole message; belongs to the app. */
  receiveMessage(payload: Buffer): void;
  /** The client will say no more, or is not listened to any more. @param reason empty when it has ended the conversation in order */
  conversationOver(reason: string): void;
}

/**
 * A conversation over WebSocket (RFC 6455): puts fragments together, answers pings, asks silent clients whether they live and keeps to
 * the rules of closing, so that the worker only ever sees whole messages, whatever its app is doing meanwhile.
 */
export class WebSocketSession implements BodyReceiver {
  readonly #exchange: Exchange;
  readonly #app: WebSocketApp;
  readonly #settings: WebSocketSettings;
  readonly #decoder: WebSocketFrameDecoder;
  #incoming: RequestBody | undefined;
  readonly #fragments: WebSocketFragments;
  /** What the app is willing to take; it may be overdrawn by one message. */
  #credit = 0;
  /** What it is willing to take when it has taken everything. */
  #window: number | undefined;
  #paused = false;
  /** The client does not take what we send: nor do we take what it sends. */
  #congested = false;
  /** Frames of this turn of the event loop. */
  #outgoing: Uint8Array[] = [];
  /** Nothing is sent any more but what TCP needs. */
  #closed = false;
  /** The client says no more; the app may still be answering what it has said. */
  #isOver = false;
  /** What the client has given as its close code, to be given back behind the app's answers; undefined where it just hung up. */
  #closeReply: Buffer | undefined;
  #heardSincePing = true;
  #timer: NodeJS.Timeout | undefined;

  /** @throws Error with a sentence for the app where the connection cannot carry it */
  static open(
    exchange: Exchange,
    head: ResponseHead,
    app: WebSocketApp,
    settings: WebSocketSettings,
  ): WebSocketSession {
    if (exchange.upgrade?.toLowerCase() !== 'websocket' || exchange.switchProtocols === undefined)
      throw new Error('the connection of this request cannot be upgraded to WebSocket');
    const session = new WebSocketSession(exchange, app, settings);
    session.#listen(exchange.switchProtocols(head, app));
    return session;
  }

  private constructor(exchange: Exchange, app: WebSocketApp, settings: WebSocketSettings) {
    this.#exchange = exchange;
    this.#app = app;
    this.#settings = settings;
    this.#fragments = new WebSocketFragments(settings.maxMessageBytes);
    this.#decoder = new WebSocketFrameDecoder(settings.maxMessageBytes, this.#onFrame);
  }

  #listen(incoming: RequestBody): void {
    this.#incoming = incoming;
    incoming.receive(this);
    this.#updateFlow();
    this.#schedulePing();
  }

  // ---- from the app

  /** @returns false when `onDrain` of the app will follow */
  send(payload: Buffer, isBinary: boolean): boolean {
    if (this.#isOver) this.#limitFarewell();
    return this.#send(isBinary ? WebSocketOpcode.binary : WebSocketOpcode.text, payload);
  }

  /** The app takes so many more bytes of messages. */
  pull(bytes: number): void {
    this.#credit += bytes;
    this.#window ??= bytes;
    if (this.#isOver) this.#limitFarewell();
    this.#updateFlow();
  }

  /** The client has taken what was sent. */
  onDrain(): void {
    this.#congested = false;
    this.#updateFlow();
  }

  /** The app is done. */
  end(): void {
    this.#finish(WebSocketCloseCode.normal);
  }

  /** The app has failed, or its worker has died: the log says so already. */
  fail(): void {
    this.#finish(WebSocketCloseCode.internalError);
  }

  /** The connection is no more, or is about to be cut. */
  stop(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  // ---- from the client

  onBodyData(chunk: Buffer): void {
    this.#heardSincePing = true;
    if (this.#closed || this.#isOver) return;
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof WebSocketError)) throw error;
      this.#sendClose(encodeCloseCode(error.code));
      this.#hangUp(error.message);
    }
  }

  onBodyEnd(): void {
    if (!this.#closed && !this.#isOver) this.#heardLast(undefined);
  }

  onBodyError(error: Error): void {
    if (!this.#closed) this.#hangUp(error.message);
  }

  readonly #onFrame = (opcode: number, isFinal: boolean, payload: Buffer): void => {
    if (this.#closed || this.#isOver) return;
    switch (opcode) {
      case WebSocketOpcode.ping:
        this.#send(WebSocketOpcode.pong, payload);
        break;
      case WebSocketOpcode.pong:
        break;
      case WebSocketOpcode.close:
        this.#heardLast(readCloseCode(payload));
        break;
      default: {
        const message = this.#fragments.add(opcode, isFinal, payload);
        if (message !== undefined) this.#deliver(message);
      }
    }
  };

  #deliver(message: Buffer): void {
    this.#credit -= message.length + MESSAGE_OVERHEAD_BYTES;
    this.#app.receiveMessage(message);
    this.#updateFlow();
  }

  // ---- the connection

  /** What is said in one go leaves in one write: a worker that sends many small messages would cost a system call for each. */
  #send(opcode: number, payload: Uint8Array): boolean {
    if (this.#closed) return true;
    this.#outgoing.push(encodeWebSocketFrame(opcode, payload));
    if (this.#outgoing.length === 1) setImmediate(this.#flush);
    return !this.#congested;
  }

  readonly #flush = (): void => {
    const [first, ...more] = this.#outgoing;
    if (first === undefined) return;
    this.#outgoing = [];
    this.#congested = !this.#exchange.write(more.length === 0 ? first : Buffer.concat([first, ...more]));
    if (this.#congested) this.#updateFlow();
  };

  /** @param payload of the frame: a code, or empty */
  #sendClose(payload: Buffer): void {
    this.#send(WebSocketOpcode.close, payload);
    this.#flush();
    this.#closed = true;
  }

  /** The client has ended the conversation in order: the app answers what came before, then hears that it is over and ends its request. */
  #heardLast(closeReply: Buffer | undefined): void {
    this.#isOver = true;
    this.#closeReply = closeReply;
    clearTimeout(this.#timer);
    this.#limitFarewell();
    this.#updateFlow();
    this.#app.conversationOver('');
  }

  /** No clock runs while the app has messages to take: how long each of them takes is its own business. */
  #limitFarewell(): void {
    if (this.#closed || this.#credit < (this.#window ?? Infinity)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), FAREWELL_MS).unref();
  }

  /** The conversation cannot go on: the app hears why and ends its request, which closes the connection. */
  #hangUp(reason: string): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), FAREWELL_MS).unref();
    this.#app.conversationOver(reason);
  }

  /** @param code for a client that has not given its own */
  #finish(code: number): void {
    if (!this.#isOver) this.#sendClose(encodeCloseCode(code));
    else if (this.#closeReply !== undefined) this.#sendClose(this.#closeReply);
    else this.#flush();
    this.stop();
    this.#exchange.end();
  }

  #updateFlow(): void {
    const wanted = !this.#closed && !this.#isOver && (this.#credit <= 0 || this.#congested);
    if (wanted === this.#paused) return;
    this.#paused = wanted;
    if (wanted) this.#incoming?.pause();
    else this.#incoming?.resume();
  }

  // ---- is it still there?

  #schedulePing(): void {
    const { pingSeconds } = this.#settings;
    if (pingSeconds > 0) this.#timer = setTimeout(this.#ping, pingSeconds * 1000).unref();
  }

  readonly #ping = (): void => {
    // Who is held back cannot answer.
    this.#heardSincePing = this.#paused;
    this.#send(WebSocketOpcode.ping, Buffer.alloc(0));
    this.#timer = setTimeout(this.#expectPong, Math.max(1, this.#settings.pongSeconds) * 1000).unref();
  };

  readonly #expectPong = (): void => {
    if (this.#heardSincePing || this.#paused) {
      this.#schedulePing();
      return;
    }
    const reason = `no PONG received in ${this.#settings.pongSeconds} secs !!!`;
    this.stop();
    this.#app.conversationOver(reason);
    this.#exchange.abort(reason);
  };
}
