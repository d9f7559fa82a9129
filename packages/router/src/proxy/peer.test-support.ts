import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';

/** One side of a connection in a test, a client or a backend: sends and receives bytes and knows nothing of protocols. */
export class Peer {
  readonly socket: Socket;
  /** Everything received, as latin-1. */
  text = '';
  receivedBytes = 0;
  /** How the other side ended the connection. */
  outcome: 'open' | 'ended' | 'reset' = 'open';
  readonly #closed = Promise.withResolvers<void>();
  #waiting: (() => void)[] = [];

  /** @param keep false where so much arrives that only its amount is of interest */
  constructor(socket: Socket, keep = true) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      if (keep) this.text += chunk.toString('latin1');
      this.receivedBytes += chunk.length;
      this.#wake();
    });
    socket.on('end', () => {
      this.outcome = 'ended';
      this.#wake();
    });
    socket.on('error', () => {
      this.outcome = 'reset';
    });
    socket.on('close', () => {
      if (this.outcome === 'open') this.outcome = 'reset';
      this.#wake();
      this.#closed.resolve();
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  send(bytes: string | Uint8Array): boolean {
    return this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Half-closes, perhaps with last words. */
  end(bytes = ''): void {
    this.socket.end(Buffer.from(bytes, 'latin1'));
  }

  /** Goes away rudely. */
  reset(): void {
    if (!this.socket.destroyed) this.socket.resetAndDestroy();
  }

  /** Sends so many bytes, no faster than they are taken. */
  async pour(bytes: number): Promise<void> {
    const piece = Buffer.alloc(65_536, 'x');
    for (let sent = 0; sent < bytes; sent += piece.length) {
      if (this.send(piece.subarray(0, Math.min(piece.length, bytes - sent)))) continue;
      await this.drained();
    }
  }

  /** Waits until what was sent has left. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        this.socket.off('drain', over).off('close', over);
        resolve();
      };
      this.socket.on('drain', over).on('close', over);
    });
  }

  async until(condition: RegExp | ((peer: Peer) => boolean)): Promise<string> {
    const holds = typeof condition === 'function' ? condition : (peer: Peer): boolean => condition.test(peer.text);
    while (!holds(this)) {
      if (this.socket.destroyed) assert.fail(`closed (${this.outcome}) after ${JSON.stringify(this.text)}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.text;
  }

  /** Waits until the other side has half-closed or cut the connection. @returns what was received */
  async ended(): Promise<string> {
    while (this.outcome === 'open') await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.text;
  }

  closed(): Promise<void> {
    return this.#closed.promise;
  }
}
