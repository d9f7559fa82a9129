import { Buffer } from 'node:buffer';

import { decodeUwsgiHeader, decodeUwsgiVariables, Modifier1, UWSGI_HEADER_BYTES } from '@emperor/protocol';
import type { Stream } from '@emperor/transport';

import { LengthDecoder } from './body-framing.ts';
import type { ServedConnection } from './connection-server.ts';
import type { RequestBody } from './exchange.ts';
import { type BodySource, EMPTY_BODY, IncomingBody } from './request-body.ts';
import type { Expiring } from './timer-wheel.ts';
import { UwsgiExchange, type UwsgiPeer } from './uwsgi-exchange.ts';
import type { UwsgiServer } from './uwsgi-server.ts';
import { Variables } from './variables.ts';

/** Body bytes collected before the request is handed on, and held while nobody takes them. */
const COLLECT_BYTES = 65536;
const LINGER_MS = 2000;
const PONG = Buffer.from([Modifier1.ping, 0, 0, 1]);
const DIGITS = /^[0-9]{1,15}$/;

type State = 'packet' | 'collecting' | 'answering' | 'lingering' | 'closed';

/** One connection of the uwsgi protocol: one packet, one answer, close (UWSGI-FACTS 12). */
export class UwsgiConnection implements ServedConnection, UwsgiPeer, BodySource, Expiring {
  deadlineMs: number;
  readonly #server: UwsgiServer;
  readonly #stream: Stream;
  #state: State = 'packet';
  #input: Buffer | undefined;
  #exchange: UwsgiExchange | undefined;
  #variables: Variables | undefined;
  #body: IncomingBody | undefined;
  #pausedByBody = false;
  #pendingAtDeadline = 0;

  constructor(server: UwsgiServer, stream: Stream) {
    this.#server = server;
    this.#stream = stream;
    this.deadlineMs = performance.now() + server.settings.limits.headTimeoutMs;
    server.wheel.watch(this);
  }

  onData(chunk: Buffer): void {
    switch (this.#state) {
      case 'packet':
        this.#input = this.#input === undefined ? chunk : Buffer.concat([this.#input, chunk]);
        this.#readPacket(this.#input);
        // What stays must be copied: the chunk belongs to the transport.
        if (this.#input?.buffer === chunk.buffer) this.#input = Buffer.from(this.#input);
        return;
      case 'collecting':
      case 'answering':
        this.#feedBody(chunk);
        return;
      case 'lingering':
      case 'closed':
        return;
      default:
        this.#state satisfies never;
    }
  }

  onEnd(): void {
    if (this.#state === 'packet') {
      this.destroy();
    } else if (this.#state === 'collecting') {
      this.#skip('closed in the middle of a request body');
    } else if (this.#state === 'answering' && this.#body?.finished === false) {
      this.#body.fail(new Error('the peer closed the connection in the middle of the request body'));
    } else if (this.#state === 'lingering') {
      this.#stream.end();
    }
  }

  onDrain(): void {
    this.#exchange?.drained();
  }

  onClose(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#server.wheel.unwatch(this);
    this.#server.connectionClosed(this);
    this.#body?.fail(new Error('the client is gone'));
    this.#exchange?.clientGone();
  }

  #readPacket(input: Buffer): void {
    if (input.length < UWSGI_HEADER_BYTES) return;
    const { limits } = this.#server.settings;
    const { modifier1, blockBytes } = decodeUwsgiHeader(input);
    if (modifier1 === Modifier1.ping) {
      this.#stream.write(PONG);
      this.#linger();
      return;
    }
    if (blockBytes > limits.headBytes) {
      this.#skip(`invalid request block size: ${blockBytes} (max ${limits.headBytes})...skip`);
      return;
    }
    const end = UWSGI_HEADER_BYTES + blockBytes;
    if (input.length < end) return;
    if (modifier1 !== Modifier1.request) {
      this.#skip(`-- unavailable modifier requested: ${modifier1} --`);
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
    const rest = input.subarray(end);
    this.#input = undefined;
    this.#beginRequest(list, rest);
  }

  #beginRequest(list: readonly string[], rest: Buffer): void {
    const variables = new Variables();
    // Of a variable that is sent twice the last value counts (UWSGI-FACTS 12.2).
    for (let i = 0; i < list.length; i += 2) variables.set(list[i] ?? '', list[i + 1] ?? '');
    this.#variables = variables;
    const declared = variables.get('CONTENT_LENGTH') ?? '';
    const bytes = DIGITS.test(declared) ? Number(declared) : 0;
    const { limits } = this.#server.settings;
    if (limits.bodyBytes > 0 && bytes > limits.bodyBytes) {
      this.#skip('Invalid (too big) CONTENT_LENGTH. skip.');
      return;
    }
    if (bytes === 0) {
      this.#answer(EMPTY_BODY);
      return;
    }
    this.#body = new IncomingBody(bytes, new LengthDecoder(bytes), this);
    this.#state = 'collecting';
    if (rest.length > 0) this.#feedBody(rest);
  }

  #feedBody(chunk: Buffer): void {
    const body = this.#body;
    if (body === undefined || body.finished) return;
    body.push(chunk);
    this.deadlineMs = performance.now() + this.#server.settings.limits.bodyTimeoutMs;
    if (this.#state === 'collecting' && (body.finished || body.heldBytes >= COLLECT_BYTES)) this.#answer(body);
    else if (this.#state === 'answering' && body.heldBytes >= COLLECT_BYTES) body.pause();
  }

  #answer(body: RequestBody): void {
    this.#state = 'answering';
    const exchange = new UwsgiExchange(this.#server.settings.listener, this.#variables ?? new Variables(), body, this);
    this.#exchange = exchange;
    this.#server.settings.handle(exchange);
  }

  bodyWanted(): void {}

  bodyPaused(paused: boolean): void {
    this.#pausedByBody = paused;
    if (paused) this.#stream.pause();
    else this.#stream.resume();
  }

  send(bytes: Uint8Array | string): boolean {
    return this.#stream.write(bytes);
  }

  complain(exchange: UwsgiExchange, message: string): void {
    const { variables } = exchange;
    this.#server.settings.complain(
      `${message} [${variables.get('REQUEST_METHOD') ?? ''} ${variables.get('REQUEST_URI') ?? ''}] (${variables.get('REMOTE_ADDR') ?? ''})`,
    );
  }

  exchangeFinished(exchange: UwsgiExchange, complete: boolean): void {
    this.#exchange = undefined;
    this.#server.settings.finished(exchange);
    if (this.#state === 'closed') return;
    if (complete) this.#linger();
    else this.destroy();
  }

  #skip(message: string): void {
    this.#server.settings.complain(message);
    this.#linger();
  }

  /** Half-closes, then reads off for a moment what the peer still sends, so that the answer is not lost to a reset. */
  #linger(): void {
    this.#state = 'lingering';
    this.#input = undefined;
    this.#body?.discard();
    this.deadlineMs =
      performance.now() +
      Math.max(LINGER_MS, this.#stream.pendingBytes > 0 ? this.#server.settings.limits.writeTimeoutMs : 0);
    this.#server.wheel.watch(this);
    this.#stream.end();
    this.#stream.resume();
  }

  closeWhenIdle(): void {
    if (this.#state === 'packet' && this.#input === undefined) this.#linger();
  }

  destroy(): void {
    this.#stream.destroy();
    this.onClose();
  }

  onDeadline(): void {
    switch (this.#state) {
      case 'packet':
      case 'collecting':
        this.#skip('timeout waiting for a uwsgi request');
        return;
      case 'answering':
        this.#answerDeadline();
        return;
      case 'lingering':
        this.destroy();
        return;
      case 'closed':
        return;
      default:
        this.#state satisfies never;
    }
  }

  #answerDeadline(): void {
    const { limits } = this.#server.settings;
    const pending = this.#stream.pendingBytes;
    if (pending > 0 && this.#pendingAtDeadline > 0 && pending >= this.#pendingAtDeadline) {
      this.#server.settings.complain('a uwsgi client took nothing of its answer in time: connection cut');
      this.destroy();
      return;
    }
    this.#pendingAtDeadline = pending;
    if (this.#body?.finished === false && !this.#pausedByBody && pending === 0) {
      this.#body.fail(new Error('timeout waiting for the request body'));
    }
    this.deadlineMs = performance.now() + limits.writeTimeoutMs;
  }
}
