import { Buffer } from 'node:buffer';

import {
  decodeUwsgiHeader,
  decodeUwsgiVariables,
  FAREWELL_BYTES,
  isKeepaliveToken,
  KEEPALIVE_VARIABLE,
  Modifier1,
  UWSGI_HEADER_BYTES,
} from '@emperor/protocol';
import type { Stream } from '@emperor/transport';

import { LengthDecoder } from './body-framing.ts';
import type { Outcome } from './byte-stream-exchange.ts';
import { ClientConnection } from './client-connection.ts';
import type { RequestBody } from './exchange.ts';
import { HttpError } from './http-error.ts';
import { EMPTY_BODY, IncomingBody } from './request-body.ts';
import { UwsgiExchange, type UwsgiPeer } from './uwsgi-exchange.ts';
import type { ConnectionServerSettings, UwsgiPacket } from './connection-server.ts';
import type { UwsgiServer } from './uwsgi-server.ts';
import { Variables } from './variables.ts';

const PONG = Buffer.from([Modifier1.ping, 0, 0, 1]);
const DIGITS = /^[0-9]{1,15}$/;

/** One connection of the uwsgi protocol: one packet, one answer, close (UWSGI-FACTS 12), or the next one where the client is our own router. */
export class UwsgiConnection extends ClientConnection<UwsgiExchange> implements UwsgiPeer {
  readonly #server: UwsgiServer;
  /** Those the exchange began with. */
  #serving: ConnectionServerSettings;
  /** The packet as far as it has arrived. */
  #input: Buffer | undefined;
  #variables: Variables = new Variables();
  /** What a router that would keep the connection has sent with its request. */
  #token: string | undefined;
  /** The connection has been kept: the router counts on being told when it closes. */
  #kept = false;
  /** Bytes came that belong to no request. */
  #surplus = false;

  constructor(server: UwsgiServer, stream: Stream) {
    super(server, stream);
    this.#server = server;
    this.#serving = server.settings;
  }

  protected get peerName(): string {
    return this.stream.remoteAddress || 'a uwsgi client';
  }

  onData(chunk: Buffer): void {
    switch (this.state) {
      case 'idle':
      case 'head':
        this.state = 'head';
        this.#input = this.#input === undefined ? chunk : Buffer.concat([this.#input, chunk]);
        this.#readPacket(this.#input);
        // What stays must be copied: the chunk belongs to the transport.
        if (this.#input?.buffer === chunk.buffer) this.#input = Buffer.from(this.#input);
        else if (this.expectsNoMore()) this.stream.expectNothing?.();
        return;
      case 'answering':
        if (this.body === undefined) this.#surplus = true;
        else this.#feed(chunk, this.body);
        return;
      case 'discarding':
      case 'lingering':
      case 'closed':
        return;
      default:
        this.state satisfies never;
    }
  }

  onEnd(): void {
    this.peerEnded = true;
    switch (this.state) {
      case 'idle':
        this.linger();
        return;
      case 'head':
        this.refuse(new HttpError(400, 'closed the connection in the middle of its variables'));
        return;
      case 'answering':
        this.bodyEnded();
        return;
      case 'discarding':
      case 'lingering':
      case 'closed':
        return;
      default:
        this.state satisfies never;
    }
  }

  /** Nothing ever waits: there is one request, and its body is pushed on as it comes. */
  protected process(): void {}

  #readPacket(input: Buffer): void {
    if (input.length < UWSGI_HEADER_BYTES) return;
    const { limits } = this.#server.settings;
    const { modifier1, modifier2, blockBytes } = decodeUwsgiHeader(input);
    if (modifier1 === Modifier1.ping) {
      this.stream.write(PONG);
      this.linger();
      return;
    }
    if (blockBytes > limits.headBytes) {
      this.#skip(`invalid request block size: ${blockBytes} (max ${limits.headBytes})...skip`);
      return;
    }
    const end = UWSGI_HEADER_BYTES + blockBytes;
    if (input.length < end) return;
    if (modifier1 !== Modifier1.request) {
      this.#takePacket({ modifier1, modifier2, block: input.subarray(UWSGI_HEADER_BYTES, end) }, input.subarray(end));
      return;
    }
    if (blockBytes === 0) {
      this.#skip('Empty python request. skip.');
      return;
    }
    const list = decodeUwsgiVariables(input.subarray(UWSGI_HEADER_BYTES, end));
    if (list === undefined || list.some((part) => part.includes('\0'))) {
      this.#skip('invalid uwsgi request (the lengths of its variables do not add up, or one has a NUL). skip.');
      return;
    }
    this.#input = undefined;
    this.#beginRequest(list, input.subarray(end));
  }

  /** What is no request is answered when all of it is there. */
  #takePacket(packet: UwsgiPacket, rest: Buffer): void {
    const { takePacket } = this.#server.settings;
    const taken = takePacket?.(packet);
    if (taken === undefined) {
      this.#skip(`-- unavailable modifier requested: ${packet.modifier1} --`);
      return;
    }
    if (rest.length < taken.bodyBytes) return;
    this.#input = undefined;
    this.state = 'discarding';
    void this.#sendAnswer(taken.answer(Buffer.from(rest.subarray(0, taken.bodyBytes))));
  }

  async #sendAnswer(answer: Uint8Array | Promise<Uint8Array>): Promise<void> {
    const bytes = await answer;
    if (this.state !== 'discarding') return;
    if (bytes.length > 0) this.stream.write(bytes);
    this.linger();
  }

  #beginRequest(list: readonly string[], rest: Buffer): void {
    const variables = new Variables();
    this.#variables = variables;
    const offer = offerIn(list);
    this.#token = offer < 0 ? undefined : list[offer + 1];
    // Of a variable that is sent twice the last value counts (UWSGI-FACTS 12.2).
    for (let i = 0; i < list.length; i += 2) if (i !== offer) variables.redefine(list[i] ?? '', list[i + 1] ?? '');
    const declared = variables.get('CONTENT_LENGTH') ?? '';
    const bytes = DIGITS.test(declared) ? Number(declared) : 0;
    const { limits } = this.#server.settings;
    if (limits.bodyBytes > 0 && bytes > limits.bodyBytes) {
      this.#skip('Invalid (too big) CONTENT_LENGTH. skip.');
      return;
    }
    if (bytes === 0) {
      this.#surplus = rest.length > 0;
      this.#answer(EMPTY_BODY);
      return;
    }
    const body = new IncomingBody(bytes, new LengthDecoder(bytes), this);
    this.body = body;
    this.awaitBody();
    // What is there already is decoded first: most bodies are complete when their exchange is opened.
    if (rest.length > 0) this.#feed(rest, body);
    this.#answer(body);
  }

  #feed(chunk: Buffer, body: IncomingBody): void {
    if (body.finished) {
      this.#surplus = true;
      return;
    }
    if (body.push(chunk) < chunk.length) this.#surplus = true;
    if (this.state !== 'lingering' && this.state !== 'closed' && !body.finished && !this.pausedByBody) this.awaitBody();
  }

  #answer(body: RequestBody): void {
    this.state = 'answering';
    const { settings } = this.#server;
    this.#serving = settings;
    const exchange = new UwsgiExchange(settings.listener, this.#variables, body, this);
    this.exchange = exchange;
    settings.handle(exchange);
  }

  /** The protocol has no `100 Continue`. */
  readonly awaitsContinue = false;

  bodyWanted(): void {}

  keepaliveToken(): string | undefined {
    const { body } = this;
    const isOver = this.peerEnded || this.#surplus || this.#server.draining || body?.finished === false;
    return isOver ? undefined : this.#token;
  }

  exchangeFinished(exchange: UwsgiExchange, outcome: Outcome): void {
    this.exchange = undefined;
    this.#serving.finished(exchange);
    if (this.state === 'closed') return;
    if (outcome === 'reset') {
      this.destroy();
    } else if (outcome === 'close' || this.peerEnded || this.#surplus) {
      this.linger();
    } else {
      this.body?.discard();
      this.forgetBody();
      this.#kept = true;
      this.state = 'idle';
      this.setDeadline(this.#server.idleMs);
    }
  }

  protected refuse(error: HttpError): void {
    const { body, exchange } = this;
    const message = `a uwsgi client broke off its request: ${error.message}. skip.`;
    this.#server.settings.complain(message);
    if (exchange === undefined) {
      this.linger();
      return;
    }
    if (exchange.responded) {
      this.destroy();
      return;
    }
    this.forgetBody();
    exchange.refuse(error.status);
    body?.fail(error);
  }

  /** The protocol has no error answers: the connection closes, the log says why. */
  #skip(message: string): void {
    const { say, complain } = this.#server.settings;
    (say ?? complain)(message);
    this.linger();
  }

  /** One request is all that a client of this protocol ever sends; our own router may send more. */
  protected expectsNoMore(): boolean {
    return this.state === 'answering' && this.body?.finished !== false && !this.#surplus;
  }

  protected override linger(): void {
    this.#input = undefined;
    if (this.#kept && this.state === 'idle') this.stream.write(FAREWELL_BYTES);
    super.linger();
  }

  /** A router that is told at once needs no grace. */
  override closeWhenIdle(graceMs: number): void {
    super.closeWhenIdle(this.#kept ? 0 : graceMs);
  }
}

/** Where in the list our router offers to keep the connection; -1 where nobody does. */
function offerIn(list: readonly string[]): number {
  const at = list.indexOf(KEEPALIVE_VARIABLE);
  const isOffer = at % 2 === 0 && list[at + 2] === KEEPALIVE_VARIABLE && isKeepaliveToken(list[at + 1] ?? '');
  return isOffer ? at : -1;
}
