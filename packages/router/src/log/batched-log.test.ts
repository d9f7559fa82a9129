import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BatchedLog } from './batched-log.ts';
import type { LineBatch } from './line-batch.ts';
import type { LogSink } from './log-sink.ts';

/** A sink whose writes end when the test says so. */
class HeldSink implements LogSink {
  readonly name = 'held';
  readonly written: string[] = [];
  done: ((error?: Error) => void) | undefined;
  isClosed = false;
  #started = Promise.withResolvers<void>();

  write(batch: LineBatch, done: (error: Error | undefined) => void): void {
    assert.equal(this.done, undefined, 'one write at a time');
    this.done = (error) => {
      this.done = undefined;
      if (error === undefined) this.written.push(batch.toBuffer().toString());
      done(error);
    };
    this.#started.resolve();
  }

  async nextWrite(): Promise<void> {
    if (this.done !== undefined) return;
    this.#started = Promise.withResolvers();
    // the timers of a log do not keep a process alive
    const keepAlive = setTimeout(() => {}, 10_000);
    await this.#started.promise;
    clearTimeout(keepAlive);
  }

  writeSync(batch: LineBatch): void {
    this.written.push(`sync ${batch.toBuffer().toString()}`);
  }

  reopen(): void {
    this.written.push('reopened');
  }

  rotate(): void {
    this.written.push('rotated');
  }

  close(): void {
    this.isClosed = true;
  }
}

function heldLog(): { log: BatchedLog; sink: HeldSink; complaints: string[] } {
  const sink = new HeldSink();
  const complaints: string[] = [];
  return { log: new BatchedLog(sink, (sentence) => complaints.push(sentence)), sink, complaints };
}

test('a batched log writes the lines of a turn together, and what comes meanwhile afterwards', async () => {
  const { log, sink } = heldLog();
  log.line('a');
  log.byteLine('b');
  await sink.nextWrite();
  log.line('c');
  log.line('d');
  sink.done?.();
  await sink.nextWrite();
  sink.done?.();
  assert.deepEqual(sink.written, ['a\nb\n', 'c\nd\n']);
});

test('a batched log that is closed waits for the write under way and writes the rest', async () => {
  const { log, sink } = heldLog();
  log.line('a');
  await sink.nextWrite();
  log.line('b');
  const closed = log.close();
  sink.done?.();
  await closed;
  assert.deepEqual(sink.written, ['a\n', 'sync b\n']);
  assert.equal(sink.isClosed, true);
});

test('a batched log flushes synchronously what it has taken', () => {
  const { log, sink } = heldLog();
  log.line('a');
  log.flushSync();
  log.flushSync();
  assert.deepEqual(sink.written, ['sync a\n']);
});

test('a batched log that is reopened sends earlier lines to the old file', async () => {
  const { log, sink } = heldLog();
  log.line('a');
  await sink.nextWrite();
  log.line('b');
  log.reopen();
  assert.deepEqual(sink.written, []);
  sink.done?.();
  assert.deepEqual(sink.written, ['a\n', 'sync b\n', 'reopened']);
});

test('a batched log whose target fails says so once and counts the lines until it recovers', async () => {
  const { log, sink, complaints } = heldLog();
  for (const text of ['a', 'b']) {
    log.line(text);
    await sink.nextWrite();
    sink.done?.(new Error('no space left'));
  }
  assert.deepEqual(complaints, [
    'cannot write to the log held: no space left; lines are dropped and counted until it takes them again',
  ]);
  log.line('c');
  await sink.nextWrite();
  sink.done?.();
  await sink.nextWrite();
  sink.done?.();
  assert.deepEqual(sink.written, ['c\n', 'the log held takes lines again; 2 were dropped\n']);
});

test('a batched log whose target hangs keeps a bounded number of lines', async () => {
  const { log, sink, complaints } = heldLog();
  log.line('first');
  await sink.nextWrite();
  const long = 'x'.repeat(10_000);
  for (let i = 0; i < 3000; i++) log.line(long);
  assert.equal(complaints.length, 1);
  sink.done?.();
  await sink.nextWrite();
  sink.done?.();
  const kept = sink.written
    .join('')
    .split('\n')
    .filter((line) => line === long).length;
  assert.ok(kept > 800 && kept < 900, `${kept} lines kept`);
  await log.close();
  assert.ok(sink.written.some((text) => text.includes(`; ${3000 - kept} were dropped`)));
});

test('a batched log keeps bytes as bytes and text as UTF-8', async () => {
  const { log, sink } = heldLog();
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  sink.write = (batch) => {
    resolve(batch.toBuffer());
  };
  log.byteLine('\u00c3\u00a9\u00ff');
  log.line('é');
  assert.deepEqual(await promise, Buffer.from([0xc3, 0xa9, 0xff, 10, 0xc3, 0xa9, 10]));
});
