import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import type { Exchange, ResponseObserver } from './exchange.ts';
import { startHttp, startUwsgi, UNOBSERVED } from './rig.test-support.ts';

const CONTENT = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => 32 + (i % 90))).toString('latin1');

class TemporaryFile implements Disposable {
  readonly descriptor: number;
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'send-file-'));

  constructor(content: string) {
    const name = path.join(this.#directory, 'file');
    writeFileSync(name, content);
    this.descriptor = openSync(name, 'r');
  }

  [Symbol.dispose](): void {
    closeSync(this.descriptor);
    rmSync(this.#directory, { recursive: true });
  }
}

function answerWith(exchange: Exchange, descriptor: number, headers: string[], observer: ResponseObserver): void {
  exchange.start({ status: 200, reason: 'OK', headers }, observer);
  const isSent = exchange.sendFile(descriptor, 0, CONTENT.length, (error) => {
    if (error === undefined) exchange.end();
    else exchange.abort(error.message);
  });
  assert.ok(isSent);
}

function bodyOf(text: string): string {
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}

test('Exchange.sendFile sends a file behind its head, and the connection goes on', async () => {
  using file = new TemporaryFile(CONTENT);
  await using rig = startHttp((exchange) =>
    answerWith(exchange, file.descriptor, ['Content-Length', String(CONTENT.length)], UNOBSERVED),
  );
  const client = await rig.connect();
  for (let round = 1; round <= 2; round++) {
    client.text = '';
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.until((text) => bodyOf(text).length === CONTENT.length);
    assert.ok(bodyOf(client.text) === CONTENT);
    assert.match(client.text, /^Connection: keep-alive\r$/m);
    await rig.until(() => rig.finished.length === round);
    assert.equal(rig.finished.at(-1)?.bodyBytes, CONTENT.length);
  }
});

test('Exchange.sendFile sends a file of no declared length in a chunk of its own, over uwsgi as it is', async () => {
  using file = new TemporaryFile(CONTENT);
  await using http = startHttp((exchange) => answerWith(exchange, file.descriptor, [], UNOBSERVED));
  const client = await http.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until((text) => text.endsWith('\r\n0\r\n\r\n'));
  assert.ok(bodyOf(client.text) === `${CONTENT.length.toString(16)}\r\n${CONTENT}\r\n0\r\n\r\n`);
  await using uwsgi = startUwsgi((exchange) => answerWith(exchange, file.descriptor, [], UNOBSERVED));
  const text = await uwsgi.roundTrip(Buffer.from('\0\x08\0\0\x01\0A\x03\0bcd', 'latin1'));
  assert.ok(bodyOf(text) === CONTENT);
});

test('Exchange.sendFile sends no more than the declared length, and cuts an answer whose file is shorter', async () => {
  using file = new TemporaryFile(CONTENT);
  await using short = startHttp((exchange) =>
    answerWith(exchange, file.descriptor, ['Content-Length', '7'], UNOBSERVED),
  );
  assert.equal(
    bodyOf(await short.roundTrip('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')),
    CONTENT.slice(0, 7),
  );
  using shrunk = new TemporaryFile(CONTENT.slice(0, 100_000));
  await using long = startHttp((exchange) =>
    answerWith(exchange, shrunk.descriptor, ['Content-Length', String(CONTENT.length)], UNOBSERVED),
  );
  const client = await long.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.closed();
  assert.equal(client.outcome, 'reset');
  assert.match(long.complaints.join('\n'), /answer cut short: the file is shorter/);
});

test('Exchange.sendFile tells of a client that has gone, and of an answer to HEAD', async () => {
  using file = new TemporaryFile(CONTENT);
  const { promise: told, resolve: tell } = Promise.withResolvers<Error | undefined>();
  await using rig = startHttp((exchange) => {
    exchange.start({ status: 200, reason: 'OK', headers: [] }, UNOBSERVED);
    let left = 50;
    const next = (error?: Error): void => {
      if (error === undefined && left-- > 0) exchange.sendFile(file.descriptor, 0, CONTENT.length, next);
      else tell(error);
    };
    next();
  });
  const client = await rig.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until(/200 OK/);
  client.destroy();
  assert.ok((await told) instanceof Error);
  await rig.until(() => rig.finished.length === 1);
  await using heads = startHttp((exchange) => answerWith(exchange, file.descriptor, [], UNOBSERVED));
  assert.equal(bodyOf(await heads.roundTrip('HEAD / HTTP/1.0\r\n\r\n')), '');
});

test('Exchange.hangUp closes the connection without a byte, and is logged as 500', async () => {
  await using http = startHttp((exchange) => exchange.hangUp());
  await using uwsgi = startUwsgi((exchange) => exchange.hangUp());
  assert.equal(await http.roundTrip('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), '');
  assert.equal(await uwsgi.roundTrip(Buffer.from('\0\x08\0\0\x01\0A\x03\0bcd', 'latin1')), '');
  for (const rig of [http, uwsgi]) {
    assert.deepEqual(
      rig.finished.map(({ status, headBytes }) => [status, headBytes]),
      [[500, 0]],
    );
    assert.deepEqual(rig.complaints, []);
  }
});

test('Exchange.hangUp cuts an answer that has begun', async () => {
  await using rig = startHttp((exchange) => {
    exchange.start({ status: 200, reason: 'OK', headers: ['Content-Length', '10'] }, UNOBSERVED);
    exchange.write(Buffer.from('12345'));
    setImmediate(() => exchange.hangUp());
  });
  const client = await rig.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.closed();
  assert.equal(client.outcome, 'reset');
});
