import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';

import type { Stream, StreamHandler } from './transport.ts';

type Call = 'connect' | 'data' | 'end' | 'drain' | 'close';

/**
 * Keeps what happens on a stream, and holds the transport to its promises: no call from inside a call of ours on the same stream,
 * none after `onClose`, and `onClose` once.
 */
export class RecordingHandler implements StreamHandler {
  readonly calls: Call[] = [];
  readonly chunks: Buffer[] = [];
  receivedBytes = 0;
  /** Whether received bytes are kept; large transfers only count them. */
  keeps = true;
  closed = false;
  error: (Error & { code?: string }) | undefined;
  stream: Stream | undefined;
  /** What a test wants done in a call. */
  on: { [call in Call]?: (handler: RecordingHandler, chunk: Buffer) => void } = {};
  #inside = false;
  #onChange: (() => void)[] = [];

  get text(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  /** Calls a method of the stream; whatever the transport calls meanwhile is too early. */
  tell<T>(action: (stream: Stream) => T): T {
    const { stream } = this;
    assert.ok(stream !== undefined, 'no stream yet');
    assert.equal(this.#inside, false);
    this.#inside = true;
    try {
      return action(stream);
    } finally {
      this.#inside = false;
    }
  }

  #record(call: Call, chunk: Buffer = Buffer.alloc(0)): void {
    assert.equal(this.#inside, false, `${call} was called from inside a call on the stream`);
    assert.equal(this.closed, false, `${call} was called after onClose`);
    this.calls.push(call);
    if (call === 'close') this.closed = true;
    this.on[call]?.(this, chunk);
    const waiting = this.#onChange;
    this.#onChange = [];
    for (const resolve of waiting) resolve();
  }

  onConnect(): void {
    this.#record('connect');
  }

  onData(chunk: Buffer): void {
    assert.ok(chunk.length > 0);
    this.receivedBytes += chunk.length;
    if (this.keeps) this.chunks.push(Buffer.from(chunk));
    this.#record('data', chunk);
  }

  onEnd(): void {
    this.#record('end');
  }

  onDrain(): void {
    this.#record('drain');
  }

  onClose(error?: Error): void {
    this.error = error;
    this.#record('close');
  }

  /** Waits for a condition that one of the calls brings about. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.closed) assert.fail(`closed before: ${this.calls.join()} ${this.error?.message ?? ''}`);
      await new Promise<void>((resolve) => this.#onChange.push(resolve));
    }
  }

  async untilClosed(): Promise<void> {
    await this.until(() => this.closed);
  }
}
