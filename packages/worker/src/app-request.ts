import type { Buffer } from 'node:buffer';

import {
  type Answerer,
  type BodyReceiver,
  type Exchange,
  HttpError,
  type ResponseHead,
  type ResponseObserver,
} from '@emperor/http';

import { FileBody } from './file-body.ts';
import { type WebSocketApp, WebSocketSession, type WebSocketSettings } from './websocket-session.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Answer bytes a worker may send ahead of what the client has taken; the worker knows the same number. */
export const INITIAL_WINDOW_BYTES = 262_144;
/** Grants are collected to this size. */
const GRANT_BYTES = 65_536;

/** A part of a file. */
export interface FilePart {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

/** One exchange on its way through a worker: joins the HTTP side (exchange, body) to a stream of a worker channel. */
export class AppRequest implements Answerer, ResponseObserver, BodyReceiver, WebSocketApp {
  readonly exchange: Exchange;
  readonly queuedAtMs: number;
  /** The worker it was sent to. */
  worker: WorkerProcess | undefined;
  stream = 0;
  dispatchedAtMs = 0;
  /** When its worker is to be killed at the wish of the app. */
  userDeadlineMs: number | undefined;
  /** The app has begun: bytes of its answer came or it asked for the body. */
  begun = false;
  #ungrantedBytes = 0;
  #bodyCredit = 0;
  #bodyPaused = false;
  #receiving = false;
  #file: FileBody | undefined;
  #webSocket: WebSocketSession | undefined;

  constructor(exchange: Exchange, nowMs: number) {
    this.exchange = exchange;
    this.queuedAtMs = nowMs;
  }

  // ---- the answer

  /** A part of the answer, with more to follow. */
  receivePart(head: ResponseHead | undefined, body: Buffer): void {
    this.begun = true;
    if (this.#webSocket !== undefined) return;
    if (head !== undefined) this.exchange.start(head, this);
    this.#ungrantedBytes += body.length;
    if (this.exchange.write(body)) this.#grant();
  }

  /** The whole answer, or the last part of it. */
  receiveLast(head: ResponseHead | undefined, body: Buffer): void {
    if (this.#webSocket !== undefined) {
      this.#webSocket.end();
      return;
    }
    if (head !== undefined) {
      this.exchange.respond(head, body);
      return;
    }
    if (body.length > 0) this.exchange.write(body);
    this.exchange.end();
  }

  /**
   * The rest of the answer is in a file.
   * @param onOpened called once, soon, whether it can be opened or not
   */
  sendFile(head: ResponseHead | undefined, { path, offset, bytes }: FilePart, onOpened: () => void): void {
    const { exchange } = this;
    if (head !== undefined) exchange.start(head, this);
    if (exchange.aborted || exchange.variables.get('REQUEST_METHOD') === 'HEAD') {
      onOpened();
      exchange.end();
      return;
    }
    this.#file = new FileBody(path, offset, bytes, {
      onOpened,
      onChunk: (chunk) => exchange.write(chunk),
      onEnd: () => exchange.end(),
      onError: (error) => exchange.abort(`the file of the answer cannot be read: ${error.message}`),
    });
  }

  /** The answer cannot be completed. An empty reason: the client has left. */
  cutShort(reason: string): void {
    if (reason === '' || this.#webSocket === undefined) {
      this.#webSocket?.stop();
      this.exchange.abort(reason);
    } else {
      this.#webSocket.fail();
    }
  }

  onDrain(): void {
    this.#webSocket?.onDrain();
    if (this.#file !== undefined) this.#file.resume();
    else this.#grant();
  }

  clientGone(): void {
    this.onAbort();
  }

  onAbort(): void {
    this.#webSocket?.stop();
    if (this.#file !== undefined) this.#file.destroy();
    else this.worker?.abort(this);
  }

  #grant(): void {
    if (this.#ungrantedBytes < GRANT_BYTES) return;
    this.worker?.grant(this, this.#ungrantedBytes);
    this.#ungrantedBytes = 0;
  }

  /** `uwsgi.set_logvar()`. */
  setLogVariable(name: string, value: string): void {
    const { record } = this.exchange;
    (record.logVariables ??= new Map()).set(name, value);
  }

  /** `uwsgi.log_this_request()`. */
  insistOnLogLine(): void {
    this.exchange.record.insistent = true;
  }

  /** `uwsgi.set_user_harakiri()`: 0 lifts it. */
  setUserHarakiri(seconds: number): void {
    this.userDeadlineMs = seconds > 0 ? performance.now() + seconds * 1000 : undefined;
  }

  // ---- a conversation over WebSocket

  /**
   * Answers the client's offer.
   * @param head status, name, value, name, value, …
   * @throws Error with a sentence for the app where the connection cannot carry one
   */
  openWebSocket([status = '', ...headers]: readonly string[], settings: WebSocketSettings): void {
    this.begun = true;
    const head = { status: Number(status.slice(0, 3)), reason: status.slice(4), headers };
    this.#webSocket = WebSocketSession.open(this.exchange, head, this, settings);
  }

  /** A message of the app. @param payload valid only during the call */
  sendMessage(payload: Buffer, isBinary: boolean): void {
    this.#ungrantedBytes += payload.length;
    if (this.#webSocket?.send(payload, isBinary) !== false) this.#grant();
  }

  receiveMessage(payload: Buffer): void {
    this.worker?.sendBody(this, payload);
  }

  conversationOver(reason: string): void {
    this.worker?.breakBody(this, false, reason);
  }

  // ---- the request body

  /** The app wants so many more bytes. */
  pull(bytes: number): void {
    if (this.#webSocket !== undefined) {
      this.#webSocket.pull(bytes);
      return;
    }
    const { body } = this.exchange;
    this.#bodyCredit += bytes;
    if (!this.#receiving) {
      this.#receiving = true;
      this.begun = true;
      body.receive(this);
    } else if (this.#bodyPaused && this.#bodyCredit > 0) {
      this.#bodyPaused = false;
      body.resume();
    }
  }

  onBodyData(chunk: Buffer): void {
    this.#bodyCredit -= chunk.length;
    this.worker?.sendBody(this, chunk);
    if (this.#bodyCredit <= 0 && !this.#bodyPaused) {
      this.#bodyPaused = true;
      this.exchange.body.pause();
    }
  }

  onBodyEnd(): void {
    this.worker?.endBody(this);
  }

  onBodyError(error: Error): void {
    this.worker?.breakBody(this, error instanceof HttpError && error.status === 408, error.message);
  }
}
