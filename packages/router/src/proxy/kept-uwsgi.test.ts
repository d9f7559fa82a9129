import assert from 'node:assert/strict';
import test from 'node:test';

import { FAREWELL_BYTES } from '@emperor/protocol';

import type { Peer } from './peer.test-support.ts';
import { type FakeBackend, get, type ProxyRig, startPair } from './rig.test-support.ts';

/** Hidden by a variable of the same name behind it. */
const TOKEN = /SERVER_PROTOCOL..([0-9a-f]{16})..SERVER_PROTOCOL..HTTP/s;

/** The token the router has sent with the last request a backend has received. */
async function tokenOf(peer: Peer): Promise<string> {
  const text = await peer.until(/SERVER_PROTOCOL..[0-9a-f]{16}.*HTTP_HOST/s);
  return TOKEN.exec(text)?.[1] ?? '';
}

/** A backend that has answered one request as our own listener does, and keeps its connection. */
async function keep(rig: ProxyRig, backend: FakeBackend): Promise<{ peer: Peer; token: string; client: Peer }> {
  const client = await rig.connect();
  client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const peer = await backend.connection();
  const token = await tokenOf(peer);
  peer.send(`HTTP/1.1 200 OK\r\nUWSGI-KeepAlive: ${token} 5\r\n\r\nfirst`);
  await client.until(/first$/);
  peer.text = '';
  client.text = '';
  return { peer, token, client };
}

test('Upstream uses a connection again when the backend agrees', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const { peer, token, client } = await keep(rig, backend);
  for (const framed of [`${token} 6\r\n\r\nsecond`, `${token} chunked\r\n\r\n3\r\nsec\r\n3\r\nond\r\n0\r\n\r\n`]) {
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await tokenOf(peer);
    peer.text = '';
    peer.send(`HTTP/1.1 200 OK\r\nUWSGI-KeepAlive: ${framed}`);
    await client.until(/second|sec\r\n3\r\nond/);
  }
  assert.equal(backend.accepted, 1);
});

test('Upstream keeps the agreement to itself', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const answer = rig.ask(get('/', 'UWSGI-KeepAlive: forged\r\nUWSGI_KEEPALIVE: forged\r\n'));
  const peer = await backend.connection();
  const token = await tokenOf(peer);
  assert.match(peer.text, /HTTP_UWSGI_KEEPALIVE..forged/s);
  peer.send(`HTTP/1.1 200 OK\r\nUWSGI-KeepAlive: ${token} 5\r\nA: b\r\n\r\nhello`);
  assert.equal(await answer, 'HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello');
});

test('Upstream takes answers without agreement as ever, and soon no longer asks', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  for (const asked of [true, false, false]) {
    const answer = rig.ask(get('/'));
    const peer = await backend.connection();
    await peer.until(/HTTP_HOST..example.com/s);
    assert.equal(TOKEN.test(peer.text), asked);
    assert.match(peer.text, /SERVER_PROTOCOL..HTTP\/1\.1/s);
    peer.end('HTTP/1.1 200 OK\r\n\r\nhello');
    assert.match(await answer, /hello$/);
  }
});

test('Upstream is not fooled by an agreement with another token', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const answer = rig.ask(get('/'));
  const peer = await backend.connection();
  await tokenOf(peer);
  peer.send(`HTTP/1.1 200 OK\r\nUWSGI-KeepAlive: 0123456789abcdef 0\r\n\r\nhello`);
  peer.end(', world');
  assert.match(await answer, /hello, world$/);
});

test('Upstream sends any request elsewhere when the backend says that it did not read it', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const { peer, client } = await keep(rig, backend);
  client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody');
  await peer.until(/body$/);
  peer.socket.end(FAREWELL_BYTES);
  const second = await backend.connection();
  const text = await second.until(/body$/);
  const token = TOKEN.exec(text)?.[1];
  second.send(`HTTP/1.1 200 OK\r\nUWSGI-KeepAlive: ${token} 6\r\n\r\nsecond`);
  await client.until(/second$/);
  assert.deepEqual(rig.logged, []);
});

test('Upstream does not send a POST twice when a kept connection ends without a word', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const { peer, client } = await keep(rig, backend);
  client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody');
  await peer.until(/body$/);
  peer.end();
  await client.until(/^HTTP\/1.1 502 /);
  assert.equal(backend.accepted, 1);
  assert.match(rig.logged.join(), /it closed the connection without an answer/);
});

test('Upstream sends a GET again, once, when a kept connection ends without a word', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const { peer, client } = await keep(rig, backend);
  client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await tokenOf(peer);
  peer.end();
  const second = await backend.connection();
  await tokenOf(second);
  assert.deepEqual(rig.logged, []);
  second.end();
  await client.until(/^HTTP\/1.1 502 /);
  assert.equal(backend.accepted, 2);
});

test('Upstream forgets a kept connection when the backend says farewell', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const { peer, client } = await keep(rig, backend);
  assert.equal(rig.upstream.pool.idleCount, 1);
  peer.socket.end(FAREWELL_BYTES);
  await peer.ended();
  assert.equal(rig.upstream.pool.idleCount, 0);
  client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const second = await backend.connection();
  const token = await tokenOf(second);
  second.send(`HTTP/1.1 200 OK\r\nUWSGI-KeepAlive: ${token} 6\r\n\r\nsecond`);
  await client.until(/second$/);
});

test('Upstream does not use a connection again on which more than the answer came', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const answer = rig.ask(get('/'));
  const peer = await backend.connection();
  const token = await tokenOf(peer);
  peer.send(`HTTP/1.1 200 OK\r\nUWSGI-KeepAlive: ${token} 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\nsmuggled`);
  assert.match(await answer, /hello$/);
  await peer.ended();
  assert.equal(rig.upstream.pool.idleCount, 0);
});

test('Upstream does not use a connection again whose request was not sent to its end', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const client = await rig.connect();
  client.send(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n${'x'.repeat(100_000)}`);
  const peer = await backend.connection();
  await peer.until(({ receivedBytes }) => receivedBytes > 65_536);
  const token = TOKEN.exec(peer.text)?.[1];
  peer.send(`HTTP/1.1 200 OK\r\nUWSGI-KeepAlive: ${token} 5\r\n\r\nhello`);
  await client.until(/hello/);
  await peer.ended();
  assert.equal(rig.upstream.pool.idleCount, 0);
});

test('Upstream cuts the client off when a kept connection ends in the middle of an answer', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const { peer, token, client } = await keep(rig, backend);
  client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await tokenOf(peer);
  peer.send(`HTTP/1.1 200 OK\r\nUWSGI-KeepAlive: ${token} chunked\r\n\r\n4\r\nhalf\r\n`);
  await client.until(/half/);
  peer.end();
  await client.ended();
  assert.equal(client.outcome, 'reset');
});
