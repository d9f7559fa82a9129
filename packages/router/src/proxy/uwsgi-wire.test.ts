import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import { decodeUwsgiHeader, decodeUwsgiVariables, UWSGI_HEADER_BYTES } from '@emperor/protocol';

import type { Peer } from './peer.test-support.ts';
import { FakeBackend, get, ProxyRig, startPair, TemporaryDirectory } from './rig.test-support.ts';

interface Packet {
  readonly modifier1: number;
  readonly modifier2: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Reads the request a backend has received, with its whole body. */
async function packet(peer: Peer): Promise<Packet> {
  await peer.until(({ text }) => read(text) !== undefined);
  const found = read(peer.text);
  assert.ok(found);
  return found;
}

function read(text: string): Packet | undefined {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < UWSGI_HEADER_BYTES) return undefined;
  const { modifier1, modifier2, blockBytes } = decodeUwsgiHeader(bytes);
  const end = UWSGI_HEADER_BYTES + blockBytes;
  if (bytes.length < end) return undefined;
  const list = decodeUwsgiVariables(bytes.subarray(UWSGI_HEADER_BYTES, end)) ?? [];
  const variables: Record<string, string> = {};
  for (let i = 0; i < list.length; i += 2) variables[list[i] ?? ''] = list[i + 1] ?? '';
  const body = bytes.toString('latin1', end);
  return body.length < Number(variables['CONTENT_LENGTH'] ?? 0) ? undefined : { modifier1, modifier2, variables, body };
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n';

test('Upstream sends a request as a uwsgi packet and passes the answer on unchanged', async () => {
  const { rig, backend } = await startPair({ modifier1: 7, modifier2: 9 });
  await using _ = rig;
  const answer = rig.ask(get('/a%20b?c=d'));
  const peer = await backend.connection();
  const { modifier1, modifier2, variables } = await packet(peer);
  assert.deepEqual([modifier1, modifier2], [7, 9]);
  assert.equal(variables['PATH_INFO'], '/a b');
  assert.equal(variables['REQUEST_URI'], '/a%20b?c=d');
  assert.equal(variables['UWSGI_ROUTER'], 'http');
  assert.equal(variables['HTTP_HOST'], 'example.com');
  assert.equal(variables['REMOTE_ADDR'], '127.0.0.1');
  peer.end('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello');
  assert.equal(
    await answer,
    'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello',
  );
});

test('Upstream lets a client keep its connection though the backend closes its own', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const client = await rig.connect();
  for (const count of [1, 2, 3]) {
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const peer = await backend.connection();
    await packet(peer);
    peer.end(`${OK}hello ${count}`);
    await client.until(new RegExp(`hello ${count}`));
  }
  assert.equal(client.text.match(/HTTP\/1\.1 200 OK\r\n/g)?.length, 3);
});

test('Upstream passes a streamed answer on as it comes', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const client = await rig.connect();
  client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const peer = await backend.connection();
  await packet(peer);
  peer.send(`${OK}one`);
  await client.until(/chunked\r\n[^]*one/);
  peer.send('two');
  await client.until(/two/);
  peer.end('three');
  await client.until(/three\r\n0\r\n\r\n$/);
});

test('Upstream passes answers without a body on: HEAD, 204, 304', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const client = await rig.connect();
  const cases = [
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', /Content-Length: 5\r\n.*\r\n\r\n$/],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', /204 No Content\r\nConnection: keep-alive\r\n\r\n$/],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n', /304 Not Modified\r\nETag: "x"\r\n.*\r\n\r\n$/],
    ['HEAD', 'HTTP/1.1 200 OK\r\n\r\na body that must not be sent', /200 OK\r\nConnection: keep-alive\r\n\r\n$/],
  ] as const;
  for (const [method, answer, expected] of cases) {
    client.text = '';
    client.send(`${method} / HTTP/1.1\r\nHost: x\r\n\r\n`);
    const peer = await backend.connection();
    await packet(peer);
    peer.end(answer);
    await client.until(expected);
  }
});

test('Upstream sends a body of known length behind the packet', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const client = await rig.connect();
  client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello ');
  client.send('world');
  const peer = await backend.connection();
  const { body, variables } = await packet(peer);
  assert.equal(body, 'hello world');
  assert.equal(variables['CONTENT_LENGTH'], '11');
  peer.end(`${OK}thanks`);
  await client.until(/thanks/);
});

test('Upstream sends a chunked body as one of known length', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const client = await rig.connect();
  client.send('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n');
  client.send('5\r\nworld\r\n0\r\n\r\n');
  const peer = await backend.connection();
  const { body, variables } = await packet(peer);
  assert.equal(body, 'hello world');
  assert.equal(variables['CONTENT_LENGTH'], '11');
  assert.equal(variables['HTTP_TRANSFER_ENCODING'], undefined);
  peer.end(`${OK}thanks`);
  await client.until(/thanks/);
});

test('Upstream lets a client that waits for it begin with its body when the backend is there', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const client = await rig.connect();
  client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n');
  await client.until(/100 Continue\r\n\r\n$/);
  client.send('hello');
  const peer = await backend.connection();
  assert.equal((await packet(peer)).body, 'hello');
  peer.end(`${OK}thanks`);
  await client.until(/thanks/);
});

test('Upstream answers 431 when the variables do not fit a uwsgi packet', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const answer = await rig.ask(get('/', `A: ${'x'.repeat(70_000)}\r\n`));
  assert.match(answer, /^HTTP\/1.1 431 /);
  assert.match(rig.logged.join('\n'), new RegExp(`backend "${backend.name}": the variables .* \\[GET /\\]`));
});

test('Upstream reaches a backend on a UNIX socket', async () => {
  const directory = new TemporaryDirectory();
  const backend = await FakeBackend.open(`${directory.path}/app.sock`);
  await using rig = new ProxyRig({ backends: [{ name: backend.name, address: backend.address }] })
    .with(backend)
    .with(directory);
  const answer = rig.ask(get());
  const peer = await backend.connection();
  await packet(peer);
  peer.end(`${OK}hello`);
  assert.match(await answer, /hello$/);
});
