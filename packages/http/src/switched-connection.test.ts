import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import { encodeUwsgiPacket } from '@emperor/protocol';

import type { Exchange, RequestBody } from './exchange.ts';
import { hello, startHttp, startUwsgi, UNOBSERVED } from './rig.test-support.ts';

const OFFER = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n';

/** Switches to a protocol whose one side repeats what the other says. */
function repeat(exchange: Exchange): RequestBody | undefined {
  const head = { status: 101, reason: 'Switching Protocols', headers: ['Connection', 'Upgrade', 'Upgrade', 'echo'] };
  const body = exchange.switchProtocols?.(head, UNOBSERVED);
  body?.receive({
    onBodyData: (chunk) => void exchange.write(chunk),
    onBodyEnd: () => exchange.end(),
    onBodyError: (error) => exchange.abort(error.message),
  });
  return body;
}

const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n';

test('Http1Exchange hands the connection over when protocols are switched', async () => {
  await using rig = startHttp(repeat);
  const client = await rig.connect();
  client.send(OFFER);
  await client.until(/\r\n\r\n$/);
  for (const text of ['one', 'GET / HTTP/1.1\r\n\r\n', '\0\xff']) client.send(text);
  await client.until((text) => text === `${SWITCHED}oneGET / HTTP/1.1\r\n\r\n\0\xff`);
  client.end();
  await client.closed();
  assert.equal(client.outcome, 'ended');
  assert.equal(rig.finished[0]?.status, 101);
});

test('UwsgiExchange hands the connection over when protocols are switched', async () => {
  await using rig = startUwsgi(repeat);
  const client = await rig.connect();
  client.send(
    encodeUwsgiPacket(0, 0, ['REQUEST_METHOD', 'GET', 'SERVER_PROTOCOL', 'HTTP/1.1', 'HTTP_UPGRADE', 'echo']),
  );
  await client.until(/\r\n\r\n$/);
  for (const text of ['one', '\0\xff']) client.send(text);
  await client.until((text) => text === `${SWITCHED}one\0\xff`);
  client.end();
  await client.closed();
  assert.equal(client.outcome, 'ended');
  assert.equal(rig.finished[0]?.status, 101);
});

test('UwsgiExchange offers nothing where nothing was offered to its client, or not with HTTP/1.1', async () => {
  const offers: (string | undefined)[] = [];
  await using rig = startUwsgi((exchange) => {
    offers.push(exchange.upgrade);
    hello(exchange);
  });
  for (const variables of [
    ['SERVER_PROTOCOL', 'HTTP/1.1'],
    ['SERVER_PROTOCOL', 'HTTP/1.0', 'HTTP_UPGRADE', 'echo'],
  ])
    await rig.roundTrip(encodeUwsgiPacket(0, 0, variables));
  assert.deepEqual(offers, [undefined, undefined]);
});

test('Http1Exchange hands over what came right behind the offer', async () => {
  for (const later of [false, true]) {
    await using rig = startHttp((exchange) => void (later ? setImmediate(() => repeat(exchange)) : repeat(exchange)));
    const client = await rig.connect();
    client.send(`${OFFER}early`);
    await client.until((text) => text === `${SWITCHED}early`);
  }
});

test('Http1Exchange offers nothing where a client cannot switch', async () => {
  const offers: (string | undefined)[] = [];
  await using rig = startHttp((exchange) => {
    offers.push(exchange.upgrade);
    hello(exchange);
  });
  for (const request of [
    OFFER.replace('Connection: Upgrade\r\n', 'Connection: close\r\n'),
    OFFER.replace('1.1', '1.0').replace('Upgrade\r\n', 'Upgrade, close\r\n'),
    OFFER.replace('Upgrade\r\n', 'Upgrade, close\r\nContent-Length: 1\r\n').concat('x'),
    OFFER.replace('Upgrade\r\n', 'Upgrade, close\r\n'),
  ])
    await rig.roundTrip(request);
  assert.deepEqual(offers, [undefined, undefined, undefined, 'echo']);
});

test('Http1Connection holds a client back that its answerer cannot follow, after the switch too', async () => {
  const { promise, resolve } = Promise.withResolvers<RequestBody | undefined>();
  await using rig = startHttp((exchange) => resolve(repeat(exchange)));
  const client = await rig.connect();
  client.send(OFFER);
  const body = await promise;
  body?.pause();
  const piece = Buffer.alloc(1_000_000);
  while (client.socket.write(piece));
  body?.resume();
  client.end();
  await client.closed();
  assert.equal(client.text.length, SWITCHED.length + client.socket.bytesWritten - OFFER.length);
});

test('Http1Connection tells the answerer that the client has gone, after the switch too', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using rig = startHttp((exchange) => {
    exchange.switchProtocols?.({ status: 101, reason: 'OK', headers: [] }, { onDrain: () => {}, onAbort: resolve });
  });
  const client = await rig.connect();
  client.send(OFFER);
  await client.until(/101/);
  client.destroy();
  await promise;
});
