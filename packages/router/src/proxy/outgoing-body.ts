import type { Buffer } from 'node:buffer';

import type { BodyReceiver, RequestBody } from '@emperor/http';

/** Where the body of a request goes: the connection to a backend. */
export interface BodySink {
  /**
   * @param chunk valid only during the call
   * @returns false when no more is wanted until `proceed`
   */
  writeBody(chunk: Buffer): boolean;
  bodySent(): void;
  /** The client did not send all of it, or what was stored of it cannot be read. */
  bodyFailed(error: Error): void;
}

/** The body of a request on its way to a backend. */
export interface OutgoingBody {
  /** Bytes; undefined where only its end will tell. */
  readonly length: number | undefined;
  /** It can be sent (once more) from its beginning. */
  readonly replayable: boolean;
  send(sink: BodySink): void;
  /** The sink takes more. */
  proceed(): void;
  /** The sink wants nothing more. */
  stop(): void;
}

/** A body that is there as a whole. */
export class WholeBody implements OutgoingBody {
  readonly replayable = true;
  readonly #content: Buffer;

  constructor(content: Buffer) {
    this.#content = content;
  }

  get length(): number {
    return this.#content.length;
  }

  send(sink: BodySink): void {
    if (this.#content.length > 0) sink.writeBody(this.#content);
    sink.bodySent();
  }

  proceed(): void {}

  stop(): void {}
}

/** A body that is passed on as the client sends it, no faster than the backend takes it. */
export class LiveBody implements OutgoingBody, BodyReceiver {
  readonly #body: RequestBody;
  #sink: BodySink | undefined;
  #begun = false;

  constructor(body: RequestBody) {
    this.#body = body;
  }

  get length(): number | undefined {
    return this.#body.length;
  }

  get replayable(): boolean {
    return !this.#begun;
  }

  send(sink: BodySink): void {
    this.#sink = sink;
    this.#begun = true;
    this.#body.receive(this);
  }

  proceed(): void {
    if (this.#sink !== undefined) this.#body.resume();
  }

  stop(): void {
    this.#sink = undefined;
  }

  onBodyData(chunk: Buffer): void {
    if (this.#sink?.writeBody(chunk) === false) this.#body.pause();
  }

  onBodyEnd(): void {
    this.#sink?.bodySent();
  }

  onBodyError(error: Error): void {
    this.#sink?.bodyFailed(error);
  }
}
