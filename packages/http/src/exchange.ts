import type { Buffer } from 'node:buffer';

import type { Variables } from './variables.ts';

/** The head of an answer. `headers` is flat: name, value, name, value, …, latin-1 text without CR, LF or NUL. */
export interface ResponseHead {
  status: number;
  reason: string;
  headers: string[];
}

/** How an answer came about; what the request line of the log prints about it (UWSGI-FACTS 8.1). */
export interface ExchangeRecord {
  /** Process that made the answer: a worker, or the vassal itself. */
  pid: number;
  /** Worker number from 1, or 0 where no worker took part. */
  workerId: number;
  /** Number of the app (always 0 so far), or -1 where no app was called. */
  app: number;
  /** Requests this app has had in this worker, or -1. */
  appRequests: number;
  /** How the body was sent: `offload()`, `sendfile()`, `route()`, or empty. */
  via: string;
  /** Items taken from the app's iterable. */
  switches: number;
  /** Core (thread) of the worker. */
  core: number;
  /** Seconds the app may take for this request (route action `harakiri:`); 0: as for all. */
  harakiriSeconds: number;
  /** Route action `donotlog` sets this. */
  silent: boolean;
  /** `uwsgi.log_this_request()`: it gets its line although the options spare it. */
  insistent?: boolean;
  /** Log variables set by routes (`logvar`) or by the app; undefined until one is set. */
  logVariables: Map<string, string> | undefined;
}

/** Receives a request body. */
export interface BodyReceiver {
  /** @param chunk valid only during the call: copy what must stay */
  onBodyData(chunk: Buffer): void;
  onBodyEnd(): void;
  /** The client went away, timed out, or broke the framing, before the end of the body. */
  onBodyError(error: Error): void;
}

/** The body of a request: pulled by whoever answers, never read ahead of it by more than a bounded buffer. */
export interface RequestBody {
  /** Declared length in bytes; undefined for a chunked body; 0 when there is none. */
  readonly length: number | undefined;
  /** The whole body, where all of it has already arrived and is no more than 64 KB (empty when there is none); else it must be received. */
  readonly complete: Buffer | undefined;
  /** All of it has arrived, in several chunks, which an app may want one by one (`uwsgi.chunked_read`): `receive` hands them on as they are. */
  readonly isInChunks: boolean;
  /** Starts the flow to the receiver. Sends `100 Continue` when the client waits for it. At most once. */
  receive(receiver: BodyReceiver): void;
  /**
   * For those who would rather not begin while a slow client still sends: the callback is called once, now or later, when all of the
   * body is there, or as much as is held while nobody receives it, or when no more comes of itself: the client waits for
   * `100 Continue`, has gone, or was refused (then the exchange has been answered or is aborted).
   * @param atMostBytes what may be held; by default, and at least, 64 KB
   */
  whenCollected(callback: () => void, atMostBytes?: number): void;
  /** Back-pressure towards the client. */
  pause(): void;
  resume(): void;
}

/** Works on the answer of an exchange. */
export interface Answerer {
  /** The client is gone before the answer has begun. */
  clientGone(): void;
}

/** Told by an exchange while its answer is written. */
export interface ResponseObserver {
  /** After `write` returned false: the client has taken the backlog. */
  onDrain(): void;
  /** The client is gone: stop producing. Not called after the answer was ended. */
  onAbort(): void;
}

/** A change to an answer on its way out: sees the head before it is sent and may take over the body. */
export interface ResponseFilter {
  /**
   * Called once with the head and with the whole body where it is known (`respond`), before anything is sent.
   * May change the head in place.
   * @returns an encoder when the body must be transformed, else undefined
   */
  filterHead(exchange: Exchange, head: ResponseHead, completeBody: Uint8Array | undefined): BodyEncoder | undefined;
}

/** Transforms a body on its way out, such as gzip. Output is pushed, in order, possibly later. */
export interface BodyEncoder {
  /** Where output goes. Set by the exchange before the first call. */
  onOutput: (chunk: Uint8Array) => void;
  /** Called after `end` when the last output has been pushed. */
  onFinished: () => void;
  /** Called when the body cannot be transformed: the answer is cut, and the log says why. Set by the exchange like the others. */
  onFailed: (error: Error) => void;
  /** Bytes written and not yet transformed, where that happens later: with many of them, whoever writes is asked to wait. */
  readonly pendingBytes?: number;
  /** Of the whole output, as soon as they are known: before the head is sent, they are declared there. */
  readonly outputBytes?: number | undefined;
  /** Output for what was written so far is pushed soon (flushed), so that streamed answers stream. */
  write(chunk: Uint8Array): void;
  end(): void;
  /** The answer was aborted: free what is held. */
  destroy(): void;
}

/** What a listener tells about where a request came in. */
export interface ListenerDescription {
  /** The option that opened it. */
  readonly protocol: 'http' | 'http-socket' | 'https' | 'https-socket' | 'uwsgi';
  /** As the user wrote it, for logs. */
  readonly name: string;
}

/**
 * One request and its answer. Made by a listener's connection, answered by exactly one of: `respond`, or `start` … `end`/`abort`.
 * Everything behind the listeners (routes, static files, cache, proxy, app) speaks only to this.
 */
export interface Exchange {
  readonly listener: ListenerDescription;
  readonly variables: Variables;
  /** `performance.now()` when the head of the request was complete. */
  readonly startedAtMs: number;
  readonly body: RequestBody;
  readonly record: ExchangeRecord;
  /** True once `respond` or `start` was called. */
  readonly responded: boolean;
  /** Status sent, or 0. For logs and metrics; complete when the exchange is finished. */
  readonly status: number;
  /** Body bytes produced by the answerer, before any encoding and framing (uWSGI's `generated N bytes`). */
  readonly bodyBytes: number;
  /** Header lines and head bytes as uWSGI counts them: before what the connection adds (framing, `Connection`). */
  readonly headerCount: number;
  readonly headBytes: number;
  /** True when the client went away before the answer was complete. */
  readonly aborted: boolean;
  /** Who works on the answer, to be told when the client goes away before that has begun; later the observer of `start` is told. */
  answerer?: Answerer | undefined;

  /** Filters are asked in the order added, before the head is sent: response routes, then encodings. */
  addFilter(filter: ResponseFilter): void;
  /** Header lines put behind the answer's own, whoever answers (uWSGI's addheader in request routes, `add-header`). */
  addHeader(name: string, value: string): void;
  /**
   * Sends a whole answer. The body of an answer that has none by its status or to HEAD is dropped.
   * @param body the caller's again behind the call
   */
  respond(head: ResponseHead, body: Uint8Array): void;
  /** Begins a streamed answer. */
  start(head: ResponseHead, observer: ResponseObserver): void;
  /**
   * Sends the next bytes of a started answer.
   * @param chunk the caller's again behind the call
   * @returns false when the answerer should wait for `onDrain`, or stop for good because the client is gone
   */
  write(chunk: Uint8Array): boolean;
  /**
   * Sends a part of a file as the next part of a started answer, without it being read here (sendfile(2)). The descriptor must stay open
   * until `onDone`, which is called once, later, in any case: without an error when all of it is on its way, so that the next part or
   * `end` may follow; with one when the file is shorter or cannot be read (then `abort` is due), or the client has gone (`onAbort` tells
   * of that as well).
   * @returns false where that cannot be done, as under an encoding: nothing has happened and `onDone` is not called; read it and `write`
   */
  sendFile(descriptor: number, offset: number, length: number, onDone: (error?: Error) => void): boolean;
  end(): void;
  /** What the client offers to go on with in place of HTTP (`Upgrade`, such as `websocket`); undefined where it offers nothing. */
  readonly upgrade?: string | undefined;
  /**
   * Answers 101 where `upgrade` is defined: HTTP is over on this connection. What is written goes to the client as it is, until `end` or
   * `abort`; what the client sends comes as the body that is returned, which ends when the client half-closes. Filters are not asked.
   */
  switchProtocols?(head: ResponseHead, observer: ResponseObserver): RequestBody;
  /** The answer cannot be completed: an error answer when nothing was sent yet, else the connection is cut. */
  abort(reason: string): void;
  /** Gives no answer: closes the connection without a byte (uWSGI's `break:`, UWSGI-FACTS 11.5), logged as 500; cuts an answer that has begun. */
  hangUp(): void;
}

/** Answers exchanges, or passes them on. */
export interface ExchangeHandler {
  /**
   * @param onward asks the next handlers: for one that has returned true and finds out later that the exchange is none of its business
   * @returns false when the exchange is not this handler's business and the next one should be asked
   */
  handle(exchange: Exchange, onward?: (exchange: Exchange) => void): boolean;
}
