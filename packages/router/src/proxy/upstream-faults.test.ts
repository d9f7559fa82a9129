import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeBackend, get, ProxyRig, startPair } from './rig.test-support.ts';

const OK = 'HTTP/1.1 200 OK\r\n\r\n';
const STREAMED = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf';

const BROKEN: readonly [what: string, answer: string, reason: RegExp][] = [
  ['closes without an answer', '', /it closed the connection without an answer/],
  ['closes in the middle of the head', 'HTTP/1.1 200 OK\r\nA: b', /in the middle of its answer/],
  ['answers garbage', 'hello, who is there?', /what it sent is not an HTTP answer/],
  ['answers in binary', '\x16\x03\x01\x02\0', /what it sent is not an HTTP answer/],
  ['answers with bare line feeds', 'HTTP/1.1 200 OK\nA: b\n\nbody', /does not end in CRLF/],
  ['answers with a broken header', 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n', /a header line of its answer is broken/],
  ['answers with a control character', 'HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n', /header A of its answer has a control/],
  ['answers with two lengths', `HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n`, /two different/],
  ['answers with a head without end', `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(70_000)}`, /longer than 65536 bytes/],
  ['switches protocols unasked', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', /switched protocols/],
];

for (const [what, answer, reason] of BROKEN) {
  test(`Upstream answers 502 with one log line when the backend ${what}`, async () => {
    const { rig, backend } = await startPair();
    await using _ = rig;
    const client = rig.ask(get('/path'));
    const peer = await backend.connection();
    await peer.until(/HTTP_HOST/);
    peer.end(answer);
    assert.match(await client, /^HTTP\/1.1 502 Bad Gateway\r\n[^]*\r\n\r\nBad Gateway$/);
    assert.equal(rig.logged.length, 1);
    assert.match(rig.logged[0] ?? '', reason);
    assert.match(rig.logged[0] ?? '', new RegExp(`^\\[uwsgi-http\\] backend "${backend.name}": .* \\[GET /path\\]$`));
  });
}

test('Upstream answers 502 when the backend resets the connection', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const client = rig.ask(get('/'));
  const peer = await backend.connection();
  await peer.until(/HTTP_HOST/);
  peer.reset();
  assert.match(await client, / 502 /);
  assert.match(rig.logged.join(), /Connection reset by peer without an answer/);
});

test('Upstream cuts the client off, with one log line, when the backend ends in the middle of an answer', async () => {
  for (const [chunked, bytes] of [
    [false, STREAMED],
    [true, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ] as const) {
    const { rig, backend } = await startPair();
    await using _ = rig;
    const client = await rig.connect();
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const peer = await backend.connection();
    await peer.until(/HTTP_HOST/);
    peer.send(bytes);
    await client.until(/half/);
    peer.end(chunked ? '5\r\nha' : '');
    await client.ended();
    assert.equal(client.outcome, 'reset');
    assert.doesNotMatch(client.text, /\r\n0\r\n/);
    assert.equal(rig.logged.length, 1);
    assert.match(
      rig.logged[0] ?? '',
      new RegExp(`answer cut short: backend "${backend.name}": it closed the connection`),
    );
  }
});

test('Upstream answers 504 with one log line when the backend is silent', async () => {
  const { rig, backend } = await startPair({ responseTimeoutMs: 50 });
  await using _ = rig;
  const client = rig.ask(get('/'));
  const peer = await backend.connection();
  assert.match(await client, /^HTTP\/1.1 504 Gateway Timeout\r\n/);
  assert.match(rig.logged.join(), /it was silent for 0.05 s \(option http-timeout\)/);
  await peer.ended();
});

test('Upstream cuts the client off when the backend falls silent in the middle of an answer', async () => {
  const { rig, backend } = await startPair({ responseTimeoutMs: 50 });
  await using _ = rig;
  const client = await rig.connect();
  client.send(get('/'));
  const peer = await backend.connection();
  peer.send(STREAMED);
  await client.ended();
  assert.equal(client.outcome, 'reset');
  assert.match(rig.logged.join(), /answer cut short: .* silent/);
});

test('Upstream answers 504 when the backend takes no connection in time', async () => {
  // An address of TEST-NET-1 (RFC 5737): packets to it vanish, or the system refuses them at once.
  const address = { kind: 'tcp', host: '192.0.2.1', port: 9 } as const;
  await using rig = new ProxyRig({ backends: [{ name: '192.0.2.1:9', address }], connectTimeoutMs: 50 });
  assert.match(await rig.ask(get('/')), /^HTTP\/1.1 50[24] /);
  assert.match(rig.logged.join(), /unable to connect\(\) to node "192.0.2.1:9"/);
});

test('Upstream sends a GET once more, to another backend, when the first ends without an answer', async () => {
  const backends = [await FakeBackend.open(), await FakeBackend.open()] as const;
  await using rig = new ProxyRig({ backends: backends.map(({ name, address }) => ({ name, address })) });
  for (const backend of backends) rig.with(backend);
  const answer = rig.ask(get('/'));
  const first = await backends[0].connection();
  await first.until(/HTTP_HOST/);
  first.end();
  const second = await backends[1].connection();
  await second.until(/HTTP_HOST/);
  second.end(`${OK}hello`);
  assert.match(await answer, /hello$/);
  assert.equal(rig.logged.length, 1);
});

test('Upstream sends a POST once only', async () => {
  const backends = [await FakeBackend.open(), await FakeBackend.open()] as const;
  await using rig = new ProxyRig({ backends: backends.map(({ name, address }) => ({ name, address })) });
  for (const backend of backends) rig.with(backend);
  const answer = rig.ask('POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\nbody');
  const first = await backends[0].connection();
  await first.until(/body$/);
  first.end();
  assert.match(await answer, / 502 /);
  assert.equal(backends[1].accepted, 0);
});

test('Upstream closes the backend’s connection when the client goes away before the answer', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const client = await rig.connect();
  client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const peer = await backend.connection();
  await peer.until(/HTTP_HOST/);
  client.reset();
  await peer.ended();
  await rig.until(() => rig.finished.length === 1);
  assert.equal(rig.finished[0]?.status, 499);
  assert.deepEqual(rig.logged, []);
});

test('Upstream closes the backend’s connection when the client goes away in the middle of the answer', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const client = await rig.connect();
  client.send(get('/'));
  const peer = await backend.connection();
  peer.send(STREAMED);
  await client.until(/half/);
  client.reset();
  await peer.ended();
  await rig.until(() => rig.finished.length === 1);
});

test('Upstream closes the backend’s connection when the client goes away in the middle of its request', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const client = await rig.connect();
  client.send(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(100_000)}`);
  const peer = await backend.connection();
  await peer.until(({ receivedBytes }) => receivedBytes > 100_000);
  client.reset();
  await peer.ended();
  await rig.until(() => rig.finished.length === 1);
});

test('Upstream passes on an answer that comes before the whole request was sent', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const client = await rig.connect();
  client.send(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n${'x'.repeat(100_000)}`);
  const peer = await backend.connection();
  await peer.until(({ receivedBytes }) => receivedBytes > 70_000);
  peer.send('HTTP/1.1 413 Too Much\r\nContent-Length: 4\r\n\r\nstop');
  await client.until(/^HTTP\/1.1 413 Too Much\r\nContent-Length: 4\r\nConnection: close\r\n\r\nstop$/);
  await peer.ended();
});

test('Upstream asks another backend when the kept connection and a new one to the first have died', async () => {
  const [dying, alive] = [await FakeBackend.open(), await FakeBackend.open()];
  const backends = [dying, alive].map(({ name, address }) => ({ name, address, protocol: 'http' as const }));
  await using rig = new ProxyRig({ backends }).with(dying).with(alive);
  const kept = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n';
  const peers = [];
  for (const backend of [dying, alive]) {
    const answer = rig.ask(get('/first'));
    const peer = await backend.connection();
    await peer.until(/\/first/);
    peer.send(`${kept}once`);
    await answer;
    peers.push(peer);
  }
  const [first] = peers;
  const answer = rig.ask(get('/second'));
  await first?.until(/\/second/);
  first?.reset();
  const fresh = await dying.connection();
  await fresh.until(/\/second/);
  fresh.reset();
  const last = await alive.connection();
  await last.until(/\/second/);
  last.send(`${kept}last`);
  assert.match(await answer, /last$/);
  assert.match(rig.logged.join(), new RegExp(`backend "${dying.name}": .*; the request goes to ${alive.name} `));
});
