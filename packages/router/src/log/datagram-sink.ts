import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import path from 'node:path';

import type { DatagramSocket } from '@emperor/posix';

import type { LineBatch } from './line-batch.ts';
import type { LogSink } from './log-sink.ts';
import { pauseThread } from './pause-thread.ts';

const require = createRequire(import.meta.url);

/** How long a synchronous write may wait for a receiver that is behind. */
const SYNC_PATIENCE_MS = 1000;
const RETRY_MS = 10;

/** Where datagrams go. `host` may be a name. */
export type DatagramAddress =
  | { readonly kind: 'udp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

const HOST_PORT = /^\[?([^/]*?)\]?:(\d{1,5})$/;

/** Reads `host:port` or the path of a UNIX socket, `@name` for an abstract one. Relative paths count from the working directory. */
export function parseDatagramAddress(text: string, workingDirectory: string): DatagramAddress {
  const [, host, port] = HOST_PORT.exec(text) ?? [];
  if (host !== undefined && port !== undefined) return { kind: 'udp', host: host || '127.0.0.1', port: Number(port) };
  if (text.startsWith('@')) return { kind: 'unix', path: `\0${text.slice(1)}` };
  return { kind: 'unix', path: path.resolve(workingDirectory, text) };
}

/** Sends each line as a datagram of its own, or several. */
export class DatagramSink implements LogSink {
  readonly name: string;
  readonly #address: DatagramAddress;
  readonly #frame: (line: Buffer) => readonly Buffer[];
  #socket: DatagramSocket | undefined;
  #unsent: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param frame makes the datagrams of a line */
  constructor(name: string, address: DatagramAddress, frame: (line: Buffer) => readonly Buffer[]) {
    this.name = name;
    this.#address = address;
    this.#frame = frame;
    if (address.kind === 'unix' || isIP(address.host) !== 0) this.#socket = openSocket(address);
  }

  write(batch: LineBatch, done: (error: Error | undefined) => void): void {
    this.#unsent = batch.toLines().flatMap(this.#frame);
    if (this.#socket === undefined) this.#resolve(done);
    else this.#sendOrRetry(this.#socket, done);
  }

  writeSync(batch: LineBatch): void {
    clearTimeout(this.#timer);
    this.#unsent.push(...batch.toLines().flatMap(this.#frame));
    const deadline = performance.now() + SYNC_PATIENCE_MS;
    if (this.#socket === undefined) throw new Error('its host name has not been resolved yet');
    while (!this.#send(this.#socket)) {
      if (performance.now() >= deadline) throw new Error('the receiver is behind');
      pauseThread(1);
    }
  }

  /** A name is resolved anew. */
  reopen(): void {
    if (this.#address.kind === 'udp' && isIP(this.#address.host) === 0) this.close();
  }

  rotate(): void {}

  close(): void {
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = undefined;
  }

  #resolve(done: (error: Error | undefined) => void): void {
    const { lookup } = process.getBuiltinModule('node:dns');
    if (this.#address.kind !== 'udp') return;
    const { host, port } = this.#address;
    lookup(host, (error, resolved) => {
      if (error !== null) {
        this.#unsent = [];
        done(error);
        return;
      }
      const socket = openSocket({ kind: 'udp', host: resolved, port });
      this.#socket = socket;
      this.#sendOrRetry(socket, done);
    });
  }

  #sendOrRetry(socket: DatagramSocket, done: (error: Error | undefined) => void): void {
    let isSent: boolean;
    try {
      isSent = this.#send(socket);
    } catch (error) {
      this.#unsent = [];
      done(error as Error);
      return;
    }
    if (isSent) {
      done(undefined);
      return;
    }
    this.#timer = setTimeout(() => {
      this.#sendOrRetry(socket, done);
    }, RETRY_MS).unref();
  }

  /** @returns false when the receiver is behind */
  #send(socket: DatagramSocket): boolean {
    const datagrams = this.#unsent;
    let sent = 0;
    try {
      for (const datagram of datagrams) {
        socket.send(datagram);
        sent++;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
    this.#unsent = datagrams.slice(sent);
    return this.#unsent.length === 0;
  }
}

/** The system calls are loaded when the first log needs them. */
function openSocket(address: DatagramAddress): DatagramSocket {
  const posix = require('@emperor/posix') as typeof import('@emperor/posix');
  return address.kind === 'unix'
    ? posix.DatagramSocket.unix(address.path)
    : posix.DatagramSocket.udp(address.host, address.port);
}
