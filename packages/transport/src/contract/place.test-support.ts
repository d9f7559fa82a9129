import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { listenTcp, listenUnix } from '@emperor/posix';

import { RecordingHandler } from '../recording-handler.test-support.ts';
import type { SocketAddress, Stream, StreamHandler, StreamListener, Transport } from '../transport.ts';

export type Kind = SocketAddress['kind'];

/** A listener of the transport under test, in a directory of its own. */
export class Place implements AsyncDisposable {
  readonly transport: Transport;
  readonly address: SocketAddress;
  readonly directory: string = mkdtempSync(join(tmpdir(), 'transport-'));
  readonly listener: StreamListener;
  readonly handlers: RecordingHandler[] = [];
  /** Prepares the handler of each accepted connection. */
  onAccept: (handler: RecordingHandler) => void = () => {};
  #accepted: RecordingHandler[] = [];
  #onAccepted: (() => void)[] = [];

  constructor(transport: Transport, kind: Kind, host = '127.0.0.1') {
    this.transport = transport;
    if (kind === 'tcp') {
      const { descriptor, port } = listenTcp(host, 0);
      this.address = { kind, host, port };
      this.listener = transport.listen(descriptor, this.address, this.#accept);
    } else {
      this.address = { kind, path: join(this.directory, 's') };
      this.listener = transport.listen(listenUnix(this.address.path).descriptor, this.address, this.#accept);
    }
  }

  readonly #accept = (stream: Stream): StreamHandler => {
    const handler = this.#made(new RecordingHandler(), stream);
    this.onAccept(handler);
    this.#accepted.push(handler);
    const waiting = this.#onAccepted;
    this.#onAccepted = [];
    for (const resolve of waiting) resolve();
    return handler;
  };

  #made(handler: RecordingHandler, stream: Stream): RecordingHandler {
    handler.stream = stream;
    this.handlers.push(handler);
    return handler;
  }

  /** The next connection accepted. */
  async accepted(): Promise<RecordingHandler> {
    while (this.#accepted.length === 0) await new Promise<void>((resolve) => this.#onAccepted.push(resolve));
    return this.#accepted.shift() ?? assert.fail();
  }

  connect(address: SocketAddress = this.address): RecordingHandler {
    const handler = new RecordingHandler();
    return this.#made(handler, this.transport.connect(address, handler));
  }

  adopt(descriptor: number): RecordingHandler {
    const handler = new RecordingHandler();
    return this.#made(handler, this.transport.adopt(descriptor, handler));
  }

  /** Both ends of one connection. */
  async pair(): Promise<[client: RecordingHandler, server: RecordingHandler]> {
    const client = this.connect();
    const server = await this.accepted();
    await client.until(() => client.calls.includes('connect'));
    return [client, server];
  }

  /** A file with that content, open for reading. */
  file(content: string | Buffer): { descriptor: number } & Disposable {
    const path = join(this.directory, 'file');
    writeFileSync(path, content);
    const descriptor = openSync(path, 'r');
    return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.listener.close();
    for (const handler of this.handlers) {
      handler.on = {};
      if (!handler.closed) handler.stream?.destroy();
    }
    for (const handler of this.handlers) if (!handler.closed) await handler.untilClosed();
    rmSync(this.directory, { recursive: true });
  }
}

/** Lets what is under way in this process happen. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Writes so many pieces at the pace of the peer. */
export function pump(handler: RecordingHandler, piece: Buffer, count: number): { readonly waits: number } {
  const progress = { waits: 0 };
  let written = 0;
  const go = (): void => {
    while (written < count) {
      written++;
      if (handler.stream?.write(piece) === false) {
        progress.waits++;
        return;
      }
    }
    handler.on = {};
    handler.stream?.end();
  };
  handler.on.drain = go;
  go();
  return progress;
}

export const PIECE: Buffer = Buffer.alloc(100_000, '0123456789abcdef');
export const PIECES = 200;
