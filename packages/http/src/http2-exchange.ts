import { BaseExchange } from './base-exchange.ts';
import type { SentHead } from './sent-head.ts';
import type { ListenerDescription, RequestBody, ResponseFilter, ResponseHead } from './exchange.ts';
import type { ParsedHead } from './head-parser.ts';

/** What an exchange needs of its HTTP/2 stream. */
export interface Http2Peer {
  readonly filters: readonly ResponseFilter[];
  readonly maxAnswerHeadBytes: number;
  /** @param fields name, value, …, the status first; `ends`: nothing follows */
  sendFields(fields: string[], ends: boolean): void;
  /** @returns false for back-pressure */
  send(chunk: Uint8Array): boolean;
  /** Everything was sent. */
  end(): void;
  /** The client must see that something is missing. */
  cut(): void;
  exchangeFinished(exchange: Http2Exchange): void;
  complain(exchange: Http2Exchange, message: string): void;
}

/** Fields about the connection, which HTTP/2 does not have (RFC 9113 section 8.2.2). */
const CONNECTION_FIELDS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** One request and its answer on a stream of an HTTP/2 connection (RFC 9113). */
export class Http2Exchange extends BaseExchange {
  readonly body: RequestBody;
  protected readonly isHead: boolean;
  protected readonly protocol: string = 'HTTP/2.0';
  readonly #peer: Http2Peer;
  /** The head ended the stream already. */
  #complete = false;

  constructor(listener: ListenerDescription, parsed: ParsedHead, body: RequestBody, peer: Http2Peer) {
    super(listener, parsed.variables);
    this.body = body;
    this.isHead = parsed.method === 'HEAD';
    this.#peer = peer;
  }

  protected override get maxHeadBytes(): number {
    return this.#peer.maxAnswerHeadBytes;
  }

  protected get listenerFilters(): readonly ResponseFilter[] {
    return this.#peer.filters;
  }

  protected sendHead({ head, bodyBytes, bodyless }: SentHead): void {
    this.#complete = bodyless;
    this.#peer.sendFields(toFields(head, bodyless ? undefined : bodyBytes), bodyless);
  }

  protected sendWhole(sent: SentHead, body: Uint8Array): void {
    const { head, bodyless } = sent;
    this.#complete = body.length === 0;
    this.#peer.sendFields(toFields(head, bodyless ? undefined : body.length), this.#complete);
    if (body.length > 0) this.#peer.send(body);
  }

  protected sendBody(chunk: Uint8Array): boolean {
    return this.#peer.send(chunk);
  }

  protected finishBody(): void {
    if (!this.#complete) this.#peer.end();
  }

  protected cut(): void {
    this.#peer.cut();
  }

  protected finished(): void {
    this.#peer.exchangeFinished(this);
  }

  protected complain(message: string): void {
    this.#peer.complain(this, message);
  }
}

/** The fields as HTTP/2 has them: in lower case, without a reason, and with the length where it is known. */
function toFields({ status, headers }: ResponseHead, bodyBytes: number | undefined): string[] {
  const fields = [':status', String(status)];
  let hasLength = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] ?? '').toLowerCase();
    if (CONNECTION_FIELDS.has(name) || !TOKEN.test(name)) continue;
    if (name === 'content-length') {
      if (status === 204) continue;
      hasLength = true;
    }
    fields.push(name, headers[i + 1] ?? '');
  }
  if (!hasLength && bodyBytes !== undefined && status !== 204) fields.push('content-length', String(bodyBytes));
  return fields;
}
