import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';

import { ask, HttpClient, request } from '../rig/http-client.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { patienceMs, within } from '../rig/until.ts';

/** A backend whose misbehaviour is a function. */
class OddBackend implements AsyncDisposable {
  readonly port: number;
  readonly sockets: Socket[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async open(serve: (socket: Socket) => void, port: number = 0): Promise<OddBackend> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const backend = new OddBackend(server);
    server.on('connection', (socket) => {
      backend.sockets.push(socket);
      socket.on('error', () => undefined);
      serve(socket);
    });
    return backend;
  }

  get name(): string {
    return `127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

interface Router {
  readonly port: number;
  readonly program: Program;
}

async function startRouter(rig: Rig, ...options: readonly string[]): Promise<Router> {
  const port = await rig.port();
  const program = await rig.vassal(['--master', '--http', `127.0.0.1:${port}`, ...options]);
  await program.waitForLog(/^spawned uWSGI http 1 /);
  return { port, program };
}

const answering = (text: string) => (socket: Socket) =>
  socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`));

const ODD: readonly [what: string, serve: (socket: Socket) => void, status: number, reason: RegExp][] = [
  [
    'closes without a word',
    (socket) => socket.once('data', () => socket.end()),
    502,
    /closed the connection without an answer/,
  ],
  ['resets the connection', (socket) => socket.once('data', () => socket.resetAndDestroy()), 502, /reset by peer/],
  ['answers garbage', (socket) => socket.once('data', () => socket.end('220 ready\r\n')), 502, /not an HTTP answer/],
  ['says nothing', () => undefined, 504, /silent for 1 s \(option http-timeout\)/],
];

for (const [what, serve, status, reason] of ODD) {
  test(`a backend that ${what} is a ${status} and one line that names it`, oursOnly, async (t) => {
    await using rig = Rig.open(t);
    await using backend = await OddBackend.open(serve);
    const { port, program } = await startRouter(rig, '--http-to', backend.name, '--http-timeout', '1');
    const mark = program.log.mark();
    assert.equal((await ask(port, 'GET /path')).status, status);
    await program.waitForLog(reason, mark);
    const lines = program.log.lines.slice(mark);
    assert.deepEqual(lines, [lines.find((line) => line.includes(backend.name) && line.includes('[GET /path]'))]);
  });
}

test('a backend that comes back is used again within a second', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const free = await rig.port();
  const { port, program } = await startRouter(rig, '--http-to', `127.0.0.1:${free}`);
  for (let count = 0; count < 5; count++) assert.equal((await ask(port, 'GET /')).status, 502);
  assert.equal(program.log.all(new RegExp(`=> marking 127\\.0\\.0\\.1:${free} as failed`)).length, 1);
  await using _backend = await OddBackend.open(answering('back'), free);
  const cameBackMs = performance.now();
  assert.equal((await ask(port, 'GET /')).body.toString(), 'back');
  assert.ok(performance.now() - cameBackMs < 1000);
});

test(
  'a request that may be repeated goes to another backend when the first dies before its answer',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t);
    await using dying = await OddBackend.open((socket) => socket.once('data', () => socket.resetAndDestroy()));
    await using alive = await OddBackend.open(answering('alive'));
    const { port, program } = await startRouter(rig, '--http-to', dying.name, '--http-to', alive.name);
    for (let count = 0; count < 4; count++) assert.equal((await ask(port, 'GET /')).body.toString(), 'alive');
    await program.waitForLog(new RegExp(`backend "${dying.name}": .*; the request goes to ${alive.name} `));
    const posted = await Promise.all([1, 2].map(() => ask(port, 'POST /', {}, 'body')));
    assert.deepEqual(
      posted.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 502],
      'a POST is sent once',
    );
  },
);

test('a client that goes away takes its request to the backend with it', async (t) => {
  await using rig = Rig.open(t);
  const { promise: reached, resolve } = Promise.withResolvers<Socket>();
  await using backend = await OddBackend.open(resolve);
  const { port } = await startRouter(rig, '--http-to', backend.name);
  await using client = await HttpClient.connect(port);
  client.send(request('GET /'));
  const socket = await within(patienceMs, 'the request to reach the backend', reached);
  const gone = new Promise((resolve) => socket.resume().once('close', resolve).once('end', resolve));
  client.reset();
  await within(patienceMs, 'the backend to be left', gone);
});

test('post-buffering keeps a slow client away from the backend until its body is there', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  await using backend = await OddBackend.open(answering('thanks'));
  const { port } = await startRouter(rig, '--http-to', backend.name, '--post-buffering', '8');
  await using client = await HttpClient.connect(port);
  client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234');
  assert.equal((await ask(port, 'GET /')).body.toString(), 'thanks');
  assert.equal(backend.sockets.length, 1, 'the request whose body is not there yet has not been sent');
  client.send('56789');
  assert.equal((await client.answer('POST')).body.toString(), 'thanks');
});

/** The head that a backend that speaks HTTP is sent. */
async function forwardedHead(
  rig: Rig,
  options: readonly string[],
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  await using backend = await OddBackend.open((socket) => {
    let head = '';
    socket.on('data', (bytes) => {
      head += bytes.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      resolve(head);
      socket.end('HTTP/1.1 204 No Content\r\n\r\n');
    });
  });
  const { port } = await startRouter(rig, '--http-to', `http://${backend.name}`, ...options);
  await ask(port, 'GET /', headers);
  return await promise;
}

const CLAIMS = { Host: 'x.org', 'X-Forwarded-For': '203.0.113.9', Forwarded: 'for=203.0.113.9' };

test('HTTP backends are told who the client is, and nothing that it says itself', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const head = await forwardedHead(rig, [], CLAIMS);
  assert.match(head, /^X-Forwarded-For: 127\.0\.0\.1\r$/m);
  assert.match(head, /^X-Forwarded-Proto: http\r$/m);
  assert.match(head, /^X-Forwarded-Host: x\.org\r$/m);
  assert.match(head, /^Forwarded: for=127\.0\.0\.1;host=x\.org;proto=http\r$/m);
  assert.doesNotMatch(head, /203\.0\.113\.9/);
});

test('HTTP backends are told what a trusted proxy says', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const head = await forwardedHead(rig, ['--trusted-proxy', '127.0.0.0/8'], CLAIMS);
  assert.match(head, /^X-Forwarded-For: 203\.0\.113\.9, 127\.0\.0\.1\r$/m);
  assert.match(head, /^Forwarded: for=203\.0\.113\.9, for=127\.0\.0\.1;host=x\.org;proto=http\r$/m);
});

test('http-send-proxy-protocol puts the client in front of the request', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const head = await forwardedHead(rig, ['--http-send-proxy-protocol'], { Host: 'x.org' });
  assert.match(head, /^PROXY TCP4 127\.0\.0\.1 \S+ \d+ \d+\r\nGET \/ HTTP\/1\.1\r\n/);
});
