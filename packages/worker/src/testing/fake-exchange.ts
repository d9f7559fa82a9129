import { Buffer } from 'node:buffer';

import {
  type Answerer,
  type BodyReceiver,
  type Exchange,
  type ExchangeRecord,
  type ListenerDescription,
  type RequestBody,
  type ResponseHead,
  type ResponseObserver,
  Variables,
} from '@emperor/http';

/** A request body that is sent piece by piece, by the test. */
export class FakeBody implements RequestBody {
  readonly length: number | undefined;
  readonly complete: Buffer | undefined;
  readonly isInChunks = false;
  receiver: BodyReceiver | undefined;
  paused = false;
  onReceive: () => void = () => {};

  constructor(complete: Buffer | undefined, length?: number) {
    this.complete = complete;
    this.length = complete?.length ?? length;
  }

  receive(receiver: BodyReceiver): void {
    this.receiver = receiver;
    this.onReceive();
  }

  whenCollected(callback: () => void): void {
    callback();
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.onReceive();
  }
}

/** An exchange without a connection: keeps what it is answered. */
export class FakeExchange implements Exchange {
  readonly listener: ListenerDescription = { protocol: 'http-socket', name: ':0' };
  readonly variables: Variables = new Variables();
  readonly startedAtMs: number = performance.now();
  readonly body: FakeBody;
  readonly record: ExchangeRecord = {
    pid: 0,
    workerId: 0,
    app: -1,
    appRequests: -1,
    via: '',
    switches: 0,
    core: 0,
    harakiriSeconds: 0,
    silent: false,
    logVariables: undefined,
  };
  responded = false;
  status = 0;
  headerCount = 0;
  headBytes = 0;
  aborted = false;
  answerer: Answerer | undefined;
  head: ResponseHead | undefined;
  observer: ResponseObserver | undefined;
  /** What the client offers to switch to; what it says then comes through `conversation`. */
  upgrade: string | undefined;
  readonly conversation: FakeBody = new FakeBody(undefined);
  readonly chunks: Buffer[] = [];
  abortReason: string | undefined;
  /** What `write` returns: false holds the app back until `observer.onDrain()`. */
  takesMore = true;
  /** Resolves when the answer is complete or aborted. */
  readonly done: Promise<void>;
  #finish: () => void = () => {};
  #waiting: (() => void)[] = [];

  constructor(variables: Record<string, string>, body: FakeBody | string = '') {
    this.body = typeof body === 'string' ? new FakeBody(Buffer.from(body)) : body;
    const all = { REQUEST_METHOD: 'GET', REQUEST_URI: '/', PATH_INFO: '/', QUERY_STRING: '', ...variables };
    for (const [name, value] of Object.entries(all)) this.variables.add(name, value);
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  get bodyBytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  addFilter(): void {}

  addHeader(): void {}

  respond(head: ResponseHead, body: Uint8Array): void {
    if (this.responded) throw new Error('answered twice');
    this.responded = true;
    this.head = head;
    this.status = head.status;
    this.#keep(body);
    this.#finish();
  }

  start(head: ResponseHead, observer: ResponseObserver): void {
    if (this.responded) throw new Error('answered twice');
    this.responded = true;
    this.head = head;
    this.status = head.status;
    this.observer = observer;
  }

  switchProtocols(head: ResponseHead, observer: ResponseObserver): RequestBody {
    this.start(head, observer);
    return this.conversation;
  }

  write(chunk: Uint8Array): boolean {
    this.#keep(chunk);
    return this.takesMore;
  }

  /** Nothing is sent from a file: who answers reads it. */
  sendFile(): boolean {
    return false;
  }

  end(): void {
    this.#finish();
  }

  hangUp(): void {
    this.#finish();
  }

  abort(reason: string): void {
    if (!this.aborted) this.abortReason = reason;
    this.#finish();
  }

  /** The client goes away. */
  leave(): void {
    this.aborted = true;
    if (this.observer === undefined) this.answerer?.clientGone();
    else this.observer.onAbort();
    this.#finish();
  }

  /** Resolves when the body of the answer is at least so long. */
  async received(bytes: number): Promise<void> {
    while (this.bodyBytes < bytes) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #keep(chunk: Uint8Array): void {
    this.chunks.push(Buffer.from(chunk));
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
