import { Buffer } from 'node:buffer';

import { BaseExchange, Variables, type RequestBody, type ResponseFilter, type SentHead } from '@emperor/http';

/** The body of a request without one. */
const NO_BODY: RequestBody = {
  length: 0,
  complete: Buffer.alloc(0),
  isInChunks: false,
  receive: (receiver) => {
    receiver.onBodyEnd();
  },
  whenCollected: (callback) => {
    callback();
  },
  pause: () => {},
  resume: () => {},
};

/** What a test says about its request; the rest is a plain `GET /`. */
export interface FakeRequest {
  readonly method?: string;
  /** As sent, with its query string. */
  readonly uri?: string;
  /** PATH_INFO, where it is not the decoded path of `uri`. */
  readonly path?: string;
  readonly protocol?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly listenerFilters?: readonly ResponseFilter[];
}

function variablesOf(request: FakeRequest): Variables {
  const { method = 'GET', uri = '/', protocol = 'HTTP/1.1' } = request;
  const [path = '', query = ''] = uri.split('?');
  const variables = new Variables();
  variables.add('REQUEST_METHOD', method);
  variables.add('REQUEST_URI', uri);
  variables.add('PATH_INFO', request.path ?? path);
  variables.add('QUERY_STRING', query);
  variables.add('SERVER_PROTOCOL', protocol);
  variables.add('SCRIPT_NAME', '');
  variables.add('SERVER_NAME', 'vm');
  variables.add('SERVER_PORT', '8000');
  variables.add('REMOTE_ADDR', '127.0.0.1');
  for (const [name, value] of Object.entries(request.variables ?? {})) variables.set(name, value);
  return variables;
}

/** The exchange of the real connections, with a wire that only remembers what was put on it. */
export class FakeExchange extends BaseExchange {
  readonly body: RequestBody = NO_BODY;
  /** What was sent. */
  sent: SentHead | undefined;
  readonly chunks: Buffer[] = [];
  readonly complaints: string[] = [];
  isCut = false;
  isFinished = false;
  /** What `write` says about back-pressure. */
  takesMore = true;
  readonly whenFinished: Promise<void>;
  readonly #resolveFinished: () => void;
  readonly #request: FakeRequest;

  constructor(request: FakeRequest = {}) {
    super({ protocol: 'http-socket', name: '127.0.0.1:8000' }, variablesOf(request));
    this.#request = request;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.whenFinished = promise;
    this.#resolveFinished = resolve;
  }

  get head(): string {
    if (this.sent === undefined) return '';
    const { status, reason, headers } = this.sent.head;
    let text = `${status} ${reason}\n`;
    for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\n`;
    return text;
  }

  get sentBody(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.sentBody.toString('latin1');
  }

  header(name: string): string | undefined {
    const { headers } = this.sent?.head ?? { headers: [] };
    const index = headers.findIndex((part, i) => i % 2 === 0 && part.toLowerCase() === name.toLowerCase());
    return index === -1 ? undefined : headers[index + 1];
  }

  protected override get isHead(): boolean {
    return this.#request.method === 'HEAD';
  }

  protected override get protocol(): string {
    return this.#request.protocol ?? 'HTTP/1.1';
  }

  protected override get listenerFilters(): readonly ResponseFilter[] {
    return this.#request.listenerFilters ?? [];
  }

  protected override sendHead(sent: SentHead): void {
    this.sent = sent;
  }

  protected override sendWhole(sent: SentHead, body: Uint8Array): void {
    this.sent = sent;
    this.chunks.push(Buffer.from(body));
  }

  protected override sendBody(chunk: Uint8Array): boolean {
    this.chunks.push(Buffer.from(chunk));
    return this.takesMore;
  }

  protected override finishBody(): void {}

  protected override cut(): void {
    this.isCut = true;
  }

  protected override finished(): void {
    this.isFinished = true;
    this.#resolveFinished();
  }

  protected override complain(message: string): void {
    this.complaints.push(message);
  }
}
