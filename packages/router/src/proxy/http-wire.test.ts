import assert from 'node:assert/strict';
import test from 'node:test';

import type { Peer } from './peer.test-support.ts';
import { type FakeBackend, get, type ProxyRig, type RigOptions, startPair } from './rig.test-support.ts';

const HTTP = { protocol: 'http' } as const;
const start = (options: Partial<RigOptions> = {}): Promise<{ rig: ProxyRig; backend: FakeBackend }> =>
  startPair(options, HTTP);

const ok = (body: string, headers = ''): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`;

/** The head a backend has received. */
async function head(peer: Peer): Promise<string> {
  const text = await peer.until(/\r\n\r\n/);
  return text.slice(0, text.indexOf('\r\n\r\n') + 2);
}

test('Upstream sends a request to an HTTP backend as HTTP/1.1, with the client’s host and headers', async () => {
  const { rig, backend } = await start();
  await using _ = rig;
  const answer = rig.ask(
    get('/a%20b/../c?d=%e4', 'user-agent: me\r\nX-A: b\r\nAccept: */*\r\nAccept: text/html\r\nCookie: a=b; c=d\r\n'),
  );
  const peer = await backend.connection();
  assert.equal(
    await head(peer),
    [
      'GET /a%20b/../c?d=%e4 HTTP/1.1',
      'Host: example.com',
      'User-Agent: me',
      'X-A: b',
      'Accept: */*, text/html',
      'Cookie: a=b; c=d',
      'X-Forwarded-For: 127.0.0.1',
      'X-Forwarded-Proto: http',
      'X-Forwarded-Host: example.com',
      `X-Forwarded-Port: ${rig.port}`,
      'Forwarded: for=127.0.0.1;host=example.com;proto=http',
      '',
    ].join('\r\n'),
  );
  peer.send(ok('hello', 'Content-Type: text/plain\r\n'));
  assert.equal(
    await answer,
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nhello',
  );
});

test('Upstream keeps what concerns one connection from the other', async () => {
  const { rig, backend } = await start();
  await using _ = rig;
  const answer = rig.ask(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n' +
      'Keep-Alive: timeout=1\r\nProxy-Connection: keep-alive\r\nX-End: 2\r\n\r\n',
  );
  const peer = await backend.connection();
  assert.match(await head(peer), /^GET \/ HTTP\/1.1\r\nHost: x\r\nX-End: 2\r\nX-Forwarded-For: /);
  peer.send(
    ok('hello', 'Connection: keep-alive, X-Back\r\nX-Back: 1\r\nKeep-Alive: timeout=5\r\nTrailer: x\r\nX-End: 2\r\n'),
  );
  assert.equal(await answer, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-End: 2\r\nConnection: close\r\n\r\nhello');
});

test('Upstream sends the path of an absolute request target', async () => {
  const { rig, backend } = await start();
  await using _ = rig;
  for (const [target, expected] of [
    ['http://other.example/a?b', 'GET /a?b HTTP/1.1\r\nHost: other.example\r\n'],
    ['http://other.example?b', 'GET /?b HTTP/1.1\r\nHost: other.example\r\n'],
  ] as const) {
    const answer = rig.ask(get(target));
    const peer = await backend.connection();
    assert.ok((await head(peer)).startsWith(expected));
    peer.end(ok(''));
    await answer;
  }
});

test('Upstream drops what a client says about its address, unless it is a proxy that is trusted', async () => {
  const said =
    'X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\nForwarded: for=192.0.2.7\r\nX-Real-IP: 192.0.2.7\r\n';
  for (const [trustedProxies, expected] of [
    [
      [],
      /X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n[^]*Forwarded: for=127.0.0.1;host=example.com;proto=http\r\n$/,
    ],
    [
      ['127.0.0.0/8'],
      /X-Forwarded-For: 192.0.2.7, 127.0.0.1\r\nX-Forwarded-Proto: https\r\n[^]*Forwarded: for=192.0.2.7, for=127.0.0.1;/,
    ],
  ] as const) {
    const { rig, backend } = await start({ trustedProxies });
    await using _ = rig;
    const answer = rig.ask(get('/', said));
    const peer = await backend.connection();
    const text = await head(peer);
    assert.match(text, expected);
    assert.doesNotMatch(text, /X-Real-I/);
    peer.send(ok(''));
    await answer;
  }
});

test('Upstream uses the connection to an HTTP backend again', async () => {
  const { rig, backend } = await start();
  await using _ = rig;
  const client = await rig.connect();
  client.send('GET /1 HTTP/1.1\r\nHost: x\r\n\r\n');
  const peer = await backend.connection();
  for (const count of [1, 2, 3]) {
    await peer.until(new RegExp(`GET /${count} [^]*\r\n\r\n$`));
    peer.send(ok(`hello ${count}`));
    await client.until(new RegExp(`hello ${count}$`));
    client.send(`GET /${count + 1} HTTP/1.1\r\nHost: x\r\n\r\n`);
  }
  assert.equal(backend.accepted, 1);
  client.reset();
  await peer.ended();
});

const LAST_ANSWERS: readonly [why: string, answer: string][] = [
  ['it says so', ok('hello', 'Connection: close\r\n')],
  ['it speaks HTTP/1.0', ok('hello').replace('1.1', '1.0')],
  ['it closes in a second', ok('hello', 'Keep-Alive: timeout=1\r\n')],
  ['more came than the answer', `${ok('hello')}x`],
];

for (const [why, text] of LAST_ANSWERS) {
  test(`Upstream does not keep a connection to an HTTP backend when ${why}`, async () => {
    const { rig, backend } = await start();
    await using _ = rig;
    const answer = rig.ask(get('/'));
    const peer = await backend.connection();
    await head(peer);
    peer.send(text);
    assert.match(await answer, /hello$/);
    await peer.ended();
    assert.equal(rig.upstream.pool.idleCount, 0);
  });
}

test('Upstream reads an answer of an HTTP backend that ends with the connection', async () => {
  const { rig, backend } = await start();
  await using _ = rig;
  const client = await rig.connect();
  client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const peer = await backend.connection();
  await head(peer);
  peer.end('HTTP/1.0 200 OK\r\n\r\nhello');
  // Chunked where the end of the connection is seen later than the bytes before it.
  await client.until(/(?:Content-Length: 5\r\n[^]*hello|5\r\nhello\r\n0\r\n\r\n)$/);
});

/** A client whose first request has left a kept connection behind. */
async function kept(rig: ProxyRig, backend: FakeBackend): Promise<{ client: Peer; peer: Peer }> {
  const client = await rig.connect();
  client.send('GET /first HTTP/1.1\r\nHost: x\r\n\r\n');
  const peer = await backend.connection();
  await head(peer);
  peer.send(ok('first'));
  await client.until(/first$/);
  peer.text = '';
  return { client, peer };
}

test('Upstream sends a GET once more when the kept connection to an HTTP backend dies before the answer', async () => {
  const { rig, backend } = await start();
  await using _ = rig;
  for (const reset of [false, true]) {
    const { client, peer } = await kept(rig, backend);
    client.send('GET /second HTTP/1.1\r\nHost: x\r\n\r\n');
    await head(peer);
    if (reset) peer.reset();
    else peer.end();
    const again = await backend.connection();
    assert.match(await head(again), /^GET \/second /);
    again.send(ok('second', 'Connection: close\r\n'));
    await client.until(/second$/);
  }
  assert.deepEqual(rig.logged, []);
});

test('Upstream sends a POST to an HTTP backend on a connection of its own', async () => {
  const { rig, backend } = await start();
  await using _ = rig;
  const { client } = await kept(rig, backend);
  client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody');
  const peer = await backend.connection();
  assert.match(await peer.until(/body$/), /Content-Type: text\/plain\r\nContent-Length: 4\r\n/);
  peer.send(ok('thanks'));
  await client.until(/thanks$/);
});

test('Upstream passes a chunked body on to an HTTP backend as it comes', async () => {
  const { rig, backend } = await start();
  await using _ = rig;
  const client = await rig.connect();
  client.send('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n');
  const peer = await backend.connection();
  await peer.until(/Transfer-Encoding: chunked\r\n[^]*\r\n\r\n3\r\none\r\n$/);
  client.send('5\r\nthree\r\n');
  await peer.until(/5\r\nthree\r\n$/);
  client.send('0\r\n\r\n');
  await peer.until(/\r\n0\r\n\r\n$/);
  peer.send(ok('thanks'));
  await client.until(/thanks$/);
  assert.equal(rig.upstream.pool.idleCount, 1);
});

test('Upstream passes a chunked answer of an HTTP backend on as it comes', async () => {
  const { rig, backend } = await start();
  await using _ = rig;
  const client = await rig.connect();
  client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const peer = await backend.connection();
  await head(peer);
  peer.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n');
  await client.until(/3\r\none\r\n$/);
  peer.send('5\r\nthree\r\n0\r\nX-Check: 1\r\n\r\n');
  await client.until(/5\r\nthree\r\n0\r\n\r\n$/);
  assert.equal(rig.upstream.pool.idleCount, 1);
});

test('Upstream takes no interim answers of an HTTP backend for the final one', async () => {
  const { rig, backend } = await start();
  await using _ = rig;
  const answer = rig.ask(get('/'));
  const peer = await backend.connection();
  await head(peer);
  peer.send(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${ok('hello')}`);
  assert.match(await answer, /^HTTP\/1.1 200 OK\r\n[^]*hello$/);
});
