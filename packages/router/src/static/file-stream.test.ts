import assert from 'node:assert/strict';
import { fstatSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import type { BodyEncoder } from '@emperor/http';

import { FakeExchange } from '../routes/fake-exchange.test-support.ts';
import { FileStream, type Segment } from './file-stream.ts';

const SIZE = 1_000_003;
const CONTENT = Buffer.from(Array.from({ length: SIZE }, (_, i) => (i * 7 + (i >> 8)) & 0xff));

let directory = '';
let file = '';

before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'emperor-stream-'));
  file = path.join(directory, 'big.bin');
  writeFileSync(file, CONTENT);
});

after(() => {
  rmSync(directory, { recursive: true });
});

function begin(
  exchange: FakeExchange,
  name: string,
  segments: readonly Segment[],
  length: number,
): { stream: FileStream; descriptor: number } {
  const descriptor = openSync(name, 'r');
  const stream = new FileStream(exchange, descriptor, segments);
  exchange.start({ status: 200, reason: 'OK', headers: ['Content-Length', String(length)] }, stream);
  stream.begin();
  return { stream, descriptor };
}

function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}

/** A client that takes a piece at each tick. */
class SlowExchange extends FakeExchange {
  peakBytes = 0;
  unsentBytes = 0;
  readonly #waiting: Uint8Array[] = [];
  readonly #limit: number;

  /** @param limit how many bytes may wait before `write` says stop */
  constructor(limit = 0) {
    super();
    this.#limit = limit;
  }

  protected override sendBody(chunk: Uint8Array): boolean {
    this.#waiting.push(Buffer.from(chunk));
    this.unsentBytes += chunk.length;
    this.peakBytes = Math.max(this.peakBytes, this.unsentBytes);
    setTimeout(() => {
      const taken = this.#waiting.shift() ?? assert.fail();
      super.sendBody(taken);
      this.unsentBytes -= taken.length;
      if (this.unsentBytes === 0) this.drained();
    }, 1);
    return this.unsentBytes <= this.#limit;
  }

  /** The answer is complete, and the client has it. */
  async whenTaken(): Promise<void> {
    await this.whenFinished;
    while (this.unsentBytes > 0) await new Promise(setImmediate);
  }
}

test('a file stream sends a file whole to a client that takes everything', async () => {
  const exchange = new FakeExchange();
  const { descriptor } = begin(exchange, file, [{ start: 0, end: SIZE }], SIZE);
  await exchange.whenFinished;
  assert.ok(exchange.sentBody.equals(CONTENT));
  assert.equal(isOpen(descriptor), false);
});

for (const limit of [0, 200_000]) {
  test(`a file stream waits for a slow client when ${limit} bytes are on their way`, async () => {
    const exchange = new SlowExchange(limit);
    begin(exchange, file, [{ start: 0, end: SIZE }], SIZE);
    await exchange.whenTaken();
    assert.ok(exchange.sentBody.equals(CONTENT));
    assert.ok(exchange.peakBytes <= limit + 128 * 1024, `${exchange.peakBytes} bytes at once`);
  });
}

test('a file stream may be looked at by an encoder that keeps what it is given', async () => {
  const exchange = new FakeExchange();
  const held: Uint8Array[] = [];
  const encoder: BodyEncoder = {
    onOutput: () => {},
    onFinished: () => {},
    onFailed: () => {},
    write: (chunk) => {
      held.push(chunk);
    },
    end() {
      for (const chunk of held) this.onOutput(chunk);
      this.onFinished();
    },
    destroy: () => {},
  };
  exchange.addFilter({ filterHead: () => encoder });
  begin(exchange, file, [{ start: 0, end: SIZE }], SIZE);
  await exchange.whenFinished;
  assert.ok(exchange.sentBody.equals(CONTENT));
});

test('a file stream sends ranges and bytes of our own in their order', async () => {
  const exchange = new SlowExchange();
  const segments = [
    Buffer.from('<'),
    { start: 10, end: 200_010 },
    Buffer.from('|'),
    { start: 0, end: 5 },
    Buffer.from('>'),
  ];
  begin(exchange, file, segments, 200_008);
  await exchange.whenTaken();
  const expected = [
    Buffer.from('<'),
    CONTENT.subarray(10, 200_010),
    Buffer.from('|'),
    CONTENT.subarray(0, 5),
    Buffer.from('>'),
  ];
  assert.ok(exchange.sentBody.equals(Buffer.concat(expected)));
});

test('a file stream cuts the answer when the file has become shorter', async () => {
  const shrinking = path.join(directory, 'shrinking.bin');
  writeFileSync(shrinking, CONTENT);
  const exchange = new SlowExchange();
  const { descriptor } = begin(exchange, shrinking, [{ start: 0, end: SIZE }], SIZE);
  truncateSync(shrinking, 100_000);
  await exchange.whenFinished;
  assert.equal(exchange.isCut, true);
  assert.equal(isOpen(descriptor), false);
  assert.match(exchange.complaints.join(), /the file has become shorter/);
});

test('a file stream closes the file when the client goes away', async () => {
  const exchange = new FakeExchange();
  exchange.takesMore = false;
  const { descriptor } = begin(exchange, file, [{ start: 0, end: SIZE }], SIZE);
  while (exchange.chunks.length === 0) await new Promise(setImmediate);
  exchange.clientGone();
  while (isOpen(descriptor)) await new Promise(setImmediate);
  assert.ok(exchange.sentBody.length < SIZE);
});

/** A connection that knows sendfile: what it was asked for, and the end of each call in the hands of the test. */
class SendfileExchange extends FakeExchange {
  readonly parts: { offset: number; length: number; onDone: (error?: Error) => void }[] = [];

  protected override sendFilePart(
    _descriptor: number,
    offset: number,
    length: number,
    onDone: (error?: Error) => void,
  ): boolean {
    this.parts.push({ offset, length, onDone });
    return true;
  }
}

test('a file stream has the kernel send each range, one after the other', async () => {
  const exchange = new SendfileExchange();
  const segments = [Buffer.from('<'), { start: 10, end: 200_010 }, Buffer.from('|'), { start: 0, end: 5 }];
  const { descriptor } = begin(exchange, file, segments, 200_007);
  assert.deepEqual([exchange.text, exchange.parts[0]?.offset, exchange.parts[0]?.length], ['<', 10, 200_000]);
  exchange.parts[0]?.onDone();
  assert.deepEqual([exchange.text, exchange.parts[1]?.offset, exchange.parts[1]?.length], ['<|', 0, 5]);
  assert.equal(isOpen(descriptor), true);
  exchange.parts[1]?.onDone();
  await exchange.whenFinished;
  assert.equal(exchange.isCut, false);
  assert.equal(isOpen(descriptor), false);
});

test('a file stream that the kernel sends cuts the answer when the file has become shorter', async () => {
  const exchange = new SendfileExchange();
  const { descriptor } = begin(exchange, file, [{ start: 0, end: SIZE }], SIZE);
  exchange.parts[0]?.onDone(new Error('the file is shorter than it was'));
  await exchange.whenFinished;
  assert.equal(exchange.isCut, true);
  assert.equal(isOpen(descriptor), false);
});

test('a file stream keeps the file open for the kernel until that is done, also when the client goes away', () => {
  const exchange = new SendfileExchange();
  const { descriptor } = begin(exchange, file, [{ start: 0, end: SIZE }], SIZE);
  exchange.clientGone();
  assert.equal(isOpen(descriptor), true);
  exchange.parts[0]?.onDone(new Error('the connection was closed'));
  assert.equal(isOpen(descriptor), false);
});

test('a file stream reads and writes where the kernel must not send', async () => {
  const exchange = new SendfileExchange();
  const descriptor = openSync(file, 'r');
  const stream = new FileStream(exchange, descriptor, [{ start: 0, end: SIZE }], false);
  exchange.start({ status: 200, reason: 'OK', headers: ['Content-Length', String(SIZE)] }, stream);
  stream.begin();
  await exchange.whenFinished;
  assert.equal(exchange.parts.length, 0);
  assert.ok(exchange.sentBody.equals(CONTENT));
});
