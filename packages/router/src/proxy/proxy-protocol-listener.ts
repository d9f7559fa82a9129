import { Buffer } from 'node:buffer';

import type { Expiring, TimerWheel } from '@emperor/http';
import { decodeProxyHeader, type ProxyHeader, ProxyProtocolError } from '@emperor/protocol';
import type { AcceptHandler, Stream, StreamHandler } from '@emperor/transport';

import { ProxiedStream } from './proxied-stream.ts';

const NOTHING = Buffer.alloc(0);

export interface ProxyProtocolSettings {
  readonly wheel: TimerWheel;
  /** How long a connection may take to say who its client is. */
  readonly timeoutMs: number;
  readonly complain: (message: string) => void;
}

/**
 * Accepts connections that may begin with a header of the PROXY protocol (`enable-proxy-protocol`, `http-enable-proxy-protocol`): what is
 * behind sees the client that it names. Connections without one are taken as they are, as uWSGI does. So the option
 * belongs on sockets that only the proxy can reach: whoever else connects can claim to be anybody.
 */
export function acceptProxied(accept: AcceptHandler, settings: ProxyProtocolSettings): AcceptHandler {
  return (stream, certificate) => new AnnouncedConnection(stream, (named) => accept(named, certificate), settings);
}

/** A connection whose first bytes are awaited; from then on it only passes on what happens. */
class AnnouncedConnection implements StreamHandler, Expiring {
  readonly deadlineMs: number;
  readonly #stream: Stream;
  readonly #accept: AcceptHandler;
  readonly #settings: ProxyProtocolSettings;
  #input: Buffer | undefined;
  #handler: StreamHandler | undefined;
  #refused = false;

  constructor(stream: Stream, accept: AcceptHandler, settings: ProxyProtocolSettings) {
    this.#stream = stream;
    this.#accept = accept;
    this.#settings = settings;
    this.deadlineMs = performance.now() + settings.timeoutMs;
    settings.wheel.watch(this);
  }

  onData(chunk: Buffer): void {
    if (this.#handler !== undefined) {
      this.#handler.onData(chunk);
      return;
    }
    if (this.#refused) return;
    const input = this.#input === undefined ? chunk : Buffer.concat([this.#input, chunk]);
    try {
      this.#read(input);
    } catch (error) {
      if (!(error instanceof ProxyProtocolError)) throw error;
      this.#refuse(`a broken header of the PROXY protocol: ${error.message}`);
    }
  }

  #read(input: Buffer): void {
    const header = decodeProxyHeader(input);
    if (header === 'incomplete') this.#input = Buffer.from(input);
    else if (header === 'absent') this.#begin(this.#stream, input);
    else this.#begin(this.#streamOf(header), input.subarray(header.bytes));
  }

  #streamOf({ peers }: ProxyHeader): Stream {
    return peers === undefined ? this.#stream : new ProxiedStream(this.#stream, peers);
  }

  #begin(stream: Stream, rest: Buffer): void {
    this.#settings.wheel.unwatch(this);
    this.#input = undefined;
    const handler = this.#accept(stream);
    this.#handler = handler;
    if (rest.length > 0) handler.onData(rest);
  }

  #refuse(reason: string): void {
    this.#refused = true;
    this.#settings.wheel.unwatch(this);
    this.#settings.complain(`refused a connection from ${this.#stream.remoteAddress}: ${reason}`);
    this.#stream.close();
  }

  onDeadline(): void {
    this.#refuse('nothing came');
  }

  onEnd(): void {
    if (this.#handler === undefined && !this.#refused) this.#begin(this.#stream, this.#input ?? NOTHING);
    this.#handler?.onEnd();
  }

  onDrain(): void {
    this.#handler?.onDrain();
  }

  onClose(error?: Error): void {
    this.#settings.wheel.unwatch(this);
    this.#handler?.onClose(error);
  }
}
