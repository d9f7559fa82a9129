import { Buffer } from 'node:buffer';

import type { Stream } from '@emperor/transport';

/** A stream whose peer is the test: what is written to it is kept, what "arrives" is given to its handler by the test. */
export class MemoryStream implements Stream {
  readonly remoteAddress = '192.0.2.1';
  readonly remotePort = 4711;
  readonly localAddress = '192.0.2.2';
  readonly localPort = 80;
  /** Set by a test to play a client that is behind. */
  pendingBytes = 0;
  sentBytes = 0;
  text = '';
  state: 'open' | 'ended' | 'closed' | 'destroyed' = 'open';
  paused = false;

  write(chunk: Uint8Array | string): boolean {
    if (this.state !== 'open') return true;
    this.text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1');
    this.sentBytes += chunk.length;
    return true;
  }

  sendFile(_descriptor: number, _offset: number, _length: number, onDone: (error?: Error) => void): void {
    setImmediate(onDone);
  }

  cork(): void {}

  uncork(): void {}

  end(): void {
    if (this.state === 'open') this.state = 'ended';
  }

  close(): void {
    this.state = 'closed';
  }

  destroy(): void {
    this.state = 'destroyed';
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }
}
