import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { after, before, test } from 'node:test';

import { HttpError } from '@emperor/http';

import { AppServerRig } from './testing/app-server-rig.ts';
import { FakeBody } from './testing/fake-exchange.ts';

let rig: AppServerRig;

before(async () => {
  rig = await AppServerRig.started('takes_its_time');
});

after(() => rig[Symbol.asyncDispose]());

const TEXT = 'abcdef\nline two\nthree\nfour\nrest\nof it';
const READ = "[b'abc', b'def\\n', b'line', b' two\\n', b'three\\n', b'four\\nrest\\nof it', b'']";

test('wsgi.input of a body that came with the head reads as PEP 3333 says', async () => {
  assert.equal((await rig.get('/reads', TEXT)).text, READ);
});

test('wsgi.input of a body that comes in pieces reads the same', async () => {
  for (const size of [1, 2, 5, 100]) {
    const body = new FakeBody(undefined);
    body.onReceive = () => {
      for (let at = 0; at < TEXT.length; at += size) body.receiver?.onBodyData(Buffer.from(TEXT.slice(at, at + size)));
      body.receiver?.onBodyEnd();
    };
    assert.equal((await rig.get('/reads', body)).text, READ);
  }
});

test('a large body is pulled as the app reads it, with a bounded amount on its way', async () => {
  const total = 20_000_000;
  const chunk = Buffer.alloc(65_536, 'x');
  const body = new FakeBody(undefined, total);
  let sent = 0;
  let paused = 0;
  body.onReceive = () => {
    while (!body.paused && sent < total) {
      const piece = chunk.subarray(0, Math.min(chunk.length, total - sent));
      sent += piece.length;
      body.receiver?.onBodyData(Buffer.from(piece));
    }
    if (sent < total) paused++;
    else body.receiver?.onBodyEnd();
  };
  const exchange = rig.send('/counts', body);
  assert.equal(sent, 0, 'nothing is read before the app asks');
  await exchange.done;
  assert.equal(exchange.text, String(total));
  assert.ok(paused > total / 400_000, `held back ${paused} times`);
});

test('a body that nobody reads is not asked for', async () => {
  const body = new FakeBody(undefined, 100_000_000);
  assert.equal((await rig.get('/never_reads', body)).text, 'not interested');
  assert.equal(body.receiver, undefined);
});

test('an app may answer while it reads', async () => {
  const body = new FakeBody(undefined);
  const exchange = rig.send('/answers_while_reading', body);
  await new Promise<void>((resolve) => {
    body.onReceive = resolve;
  });
  body.receiver?.onBodyData(Buffer.from('one\n'));
  await exchange.received(8);
  assert.equal(exchange.text, 'got one\n');
  body.receiver?.onBodyData(Buffer.from('two\n'));
  body.receiver?.onBodyEnd();
  await exchange.done;
  assert.equal(exchange.text, 'got one\ngot two\n');
});

test('a client that breaks off in its body is an OSError in the app', async () => {
  const body = new FakeBody(undefined, 100);
  body.onReceive = () => {
    body.receiver?.onBodyData(Buffer.from('ab'));
    body.receiver?.onBodyError(new Error('the client is gone'));
  };
  const { head } = await rig.get('/counts', body);
  assert.equal(head?.status, 500);
  assert.match(rig.output, /OSError: error during read\(\d+\) on wsgi\.input: the client is gone/);
});

test('a client that takes too long with its body is an OSError of its own', async () => {
  const body = new FakeBody(undefined, 100);
  body.onReceive = () => body.receiver?.onBodyError(new HttpError(408, 'the request body took too long'));
  assert.equal((await rig.get('/counts', body)).status, 500);
  assert.match(rig.output, /OSError: timeout during read\(\d+\) on wsgi\.input: the request body took too long/);
});
