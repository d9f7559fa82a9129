import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import { encodeUwsgiPacket, FAREWELL, KEEPALIVE_VARIABLE } from '@emperor/protocol';

import type { Exchange } from './exchange.ts';
import { echo, hello, startUwsgi, UNOBSERVED } from './rig.test-support.ts';

const TOKEN = '0123456789abcdef';
const VARIABLES = ['REQUEST_METHOD', 'GET', 'REQUEST_URI', '/', 'SERVER_PROTOCOL', 'HTTP/1.1'];
const FAREWELL_TEXT = String.fromCharCode(FAREWELL);

function packet(token = TOKEN, body = '', variables: readonly string[] = VARIABLES): Buffer {
  const length = body === '' ? [] : ['CONTENT_LENGTH', String(body.length)];
  const all = [...variables, ...length];
  const list = all.toSpliced(all.indexOf(KEEPALIVE_VARIABLE), 0, KEEPALIVE_VARIABLE, token);
  return Buffer.concat([encodeUwsgiPacket(0, 0, list), Buffer.from(body, 'latin1')]);
}

test('UwsgiServer keeps the connection of a router that asks for it, and says how each answer ends', async () => {
  await using rig = startUwsgi(echo);
  const client = await rig.connect();
  for (const body of ['one', 'three', '']) {
    client.text = '';
    client.send(packet(TOKEN, body));
    await client.until((text) => text === `HTTP/1.1 200 OK\r\nUWSGI-KeepAlive: ${TOKEN} ${body.length}\r\n\r\n${body}`);
  }
  assert.equal(client.outcome, 'open');
  assert.ok(rig.finished.every(({ variables }) => variables.get(KEEPALIVE_VARIABLE) === 'HTTP/1.1'));
});

test('UwsgiServer sends a kept answer of unknown length in chunks', async () => {
  await using rig = startUwsgi((exchange) => {
    exchange.start({ status: 200, reason: 'OK', headers: [] }, UNOBSERVED);
    for (const piece of ['one', 'three']) exchange.write(Buffer.from(piece));
    exchange.end();
  });
  const client = await rig.connect();
  client.send(packet());
  await client.until(/^HTTP\/1.1 200 OK\r\nUWSGI-KeepAlive: \w+ chunked\r\n\r\n3\r\none\r\n5\r\nthree\r\n0\r\n\r\n$/);
});

test('UwsgiServer sends no body in a kept answer that has none', async () => {
  await using rig = startUwsgi(hello);
  const client = await rig.connect();
  client.send(packet(TOKEN, '', ['REQUEST_METHOD', 'HEAD', 'SERVER_PROTOCOL', 'HTTP/1.1']));
  await client.until(new RegExp(`UWSGI-KeepAlive: ${TOKEN} 0\r\nContent-Type: text/plain\r\n\r\n$`));
});

test('UwsgiServer takes a token for what it is only in its exact form', async () => {
  await using rig = startUwsgi(hello);
  for (const token of ['', '1', TOKEN.toUpperCase(), `${TOKEN}0`, 'a\r\nb: 0123456789'])
    assert.equal(await rig.roundTrip(packet(token)), 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello');
});

test('UwsgiServer closes after an answer whose app frames its body itself', async () => {
  await using rig = startUwsgi((exchange) => {
    exchange.respond(
      { status: 200, reason: 'OK', headers: ['Transfer-Encoding', 'chunked'] },
      Buffer.from('0\r\n\r\n'),
    );
  });
  assert.doesNotMatch(await rig.roundTrip(packet()), /UWSGI-KeepAlive/);
});

test('UwsgiServer closes after an answer that came before the end of its request', async () => {
  await using rig = startUwsgi(hello);
  const client = await rig.connect();
  client.send(packet(TOKEN, 'x'.repeat(100_000)).subarray(0, 1000));
  await client.until(/hello$/);
  assert.doesNotMatch(client.text, /UWSGI-KeepAlive/);
  client.end();
  await client.closed();
});

test('UwsgiServer closes a connection on which more came than one request', async () => {
  await using rig = startUwsgi(hello);
  const client = await rig.connect();
  client.send(Buffer.concat([packet(TOKEN, 'body'), packet()]));
  await client.until(/hello$/);
  client.end();
  await client.closed();
  assert.equal(rig.finished.length, 1);
});

test('UwsgiServer says farewell on kept connections, and closes them, when it drains or they are idle too long', async () => {
  for (const limits of [{}, { idleTimeoutMs: 50 }]) {
    await using rig = startUwsgi(hello, { limits });
    const client = await rig.connect();
    client.send(packet());
    await client.until(/hello$/);
    if (limits.idleTimeoutMs === undefined) void rig.server.drain();
    await client.closed();
    assert.equal(client.text.slice(-1), FAREWELL_TEXT);
    assert.equal(client.outcome, 'ended');
  }
});

test('UwsgiServer answers for the last time on a kept connection while it drains', async () => {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  await using rig = startUwsgi(resolve);
  const client = await rig.connect();
  client.send(packet());
  const exchange = await promise;
  void rig.server.drain();
  hello(exchange);
  await client.closed();
  assert.equal(client.text, 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello');
});

test('UwsgiServer cuts a kept answer that its app does not finish', async () => {
  await using rig = startUwsgi((exchange) => {
    exchange.start({ status: 200, reason: 'OK', headers: [] }, UNOBSERVED);
    exchange.write(Buffer.from('half'));
    exchange.abort('the app failed');
  });
  const client = await rig.connect();
  client.send(packet());
  await client.closed();
  assert.equal(client.outcome, 'reset');
  assert.doesNotMatch(client.text, /\r\n0\r\n/);
});
