import { BaseExchange } from './base-exchange.ts';
import type { SentHead } from './sent-head.ts';
import { LAST_CHUNK, sendChunk } from './chunked.ts';
import type { Exchange, ListenerDescription, RequestBody, ResponseHead, ResponseObserver } from './exchange.ts';
import { headerLines, statusLine } from './response-head.ts';
import type { Variables } from './variables.ts';

/** What becomes of the connection: the next request, an orderly close, or a visible break. */
export type Outcome = 'persist' | 'close' | 'reset';

/** What an exchange needs of the connection it came by. */
export interface ByteStreamPeer {
  /** @returns false for back-pressure */
  send(bytes: Uint8Array | string): boolean;
  sendFile(descriptor: number, offset: number, length: number, onDone: (error?: Error) => void): void;
  /** Several sends as one. */
  cork(): void;
  uncork(): void;
  /** What the client sends from now on is a conversation in another protocol. */
  switchProtocols(): RequestBody;
  /** The answer is complete, or cut. */
  exchangeFinished(exchange: Exchange, outcome: Outcome): void;
  complain(exchange: Exchange, message: string): void;
  readonly maxAnswerHeadBytes: number;
  /** The client is gone before it has its answer. @param call what was to be done, as uWSGI names it */
  clientLost(exchange: Exchange, call: string): void;
}

/** One request whose answer is the text of HTTP/1 on a byte stream, by whatever protocol it came. */
export abstract class ByteStreamExchange<P extends ByteStreamPeer> extends BaseExchange {
  readonly body: RequestBody;
  protected readonly peer: P;
  protected outcome: Outcome;
  /** The body goes out in chunks (RFC 9112 section 7.1). */
  protected chunked = false;

  constructor(listener: ListenerDescription, variables: Variables, body: RequestBody, peer: P, outcome: Outcome) {
    super(listener, variables);
    this.body = body;
    this.peer = peer;
    this.outcome = outcome;
  }

  /** The head as sent; decides about framing and what becomes of the connection. */
  protected abstract headText(sent: SentHead): string;

  switchProtocols(head: ResponseHead, observer: ResponseObserver): RequestBody {
    this.beginSwitched(head, observer);
    this.outcome = 'close';
    this.peer.send(`${statusLine(this.protocol, head)}${headerLines(head.headers)}\r\n`);
    return this.peer.switchProtocols();
  }

  protected sendHead(sent: SentHead): void {
    this.peer.send(this.headText(sent));
  }

  protected sendWhole(sent: SentHead, body: Uint8Array): void {
    const text = this.headText(sent);
    this.hold();
    this.peer.send(text);
    if (body.length > 0) this.peer.send(body);
    this.unhold();
  }

  protected override hold(): void {
    this.peer.cork();
  }

  protected override unhold(): void {
    this.peer.uncork();
  }

  protected sendBody(chunk: Uint8Array): boolean {
    return this.chunked ? sendChunk(this.peer, chunk) : this.peer.send(chunk);
  }

  protected override sendFilePart(
    descriptor: number,
    offset: number,
    length: number,
    onDone: (error?: Error) => void,
  ): boolean {
    const { peer, chunked } = this;
    peer.cork();
    if (chunked) peer.send(`${length.toString(16)}\r\n`);
    peer.sendFile(descriptor, offset, length, onDone);
    if (chunked) peer.send('\r\n');
    peer.uncork();
    return true;
  }

  protected finishBody(): void {
    if (this.chunked) this.peer.send(LAST_CHUNK);
  }

  protected cut(): void {
    this.outcome = 'reset';
  }

  protected override closeUnanswered(): void {
    this.outcome = 'close';
  }

  protected finished(): void {
    this.peer.exchangeFinished(this, this.outcome);
  }

  protected complain(message: string): void {
    this.peer.complain(this, message);
  }

  protected override get maxHeadBytes(): number {
    return this.peer.maxAnswerHeadBytes;
  }

  protected override clientLost(call: string): void {
    this.peer.clientLost(this, call);
  }
}
