import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';

import { ask, HttpClient } from '../rig/http-client.ts';
import { privateBytesOfTree } from '../rig/processes.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { patienceMs, until, within } from '../rig/until.ts';
import { startListing } from '../tutorial/project.ts';

/** More than kernel and vassal may hold between an app and a client that does not read (or the other way round). */
const tooMuch = 60_000_000;

async function startStreams(rig: Rig): Promise<{ vassal: Program; port: number }> {
  execFileSync('mkfifo', [rig.path('gate')]);
  return await startListing(rig, 'scaling-http-socket', 'streams');
}

function openGate(rig: Rig): void {
  createWriteStream(rig.path('gate')).end();
}

/** A connection that ends with the test, however the test ends. */
async function connectTo(t: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Time for what should not happen to happen: as long as twenty requests of somebody else take. */
async function twentyRequests(port: number): Promise<void> {
  for (let count = 0; count < 20; count++) assert.equal((await ask(port, 'GET /')).status, 200);
}

test('an item of the app is sent as soon as it is yielded', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startStreams(rig);
  await using client = await HttpClient.connect(port);
  client.send('GET /gate HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await until('the first item is there', async () => (await client.received(1)).includes('before'));
  openGate(rig);
  assert.equal((await client.answer()).body.toString(), 'beforeafter');
});

test('an app reads a body while the client is still sending it', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startStreams(rig);
  await using client = await HttpClient.connect(port);
  client.send('POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 10\r\n\r\none\n');
  await until('the first line is back', async () => (await client.received(1)).includes('one\n'));
  client.send('two\n');
  client.send('x\n');
  assert.equal((await client.answer()).body.toString(), 'one\ntwo\nx\n');
});

test('a chunked body reaches the app like any other', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startStreams(rig);
  await using client = await HttpClient.connect(port);
  client.send('POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n');
  await until('the first line is back', async () => (await client.received(1)).includes('one\n'));
  client.send('4;ext=1\r\ntwo\n\r\n0\r\nX-Sum: ignored\r\n\r\n');
  assert.equal((await client.answer()).body.toString(), 'one\ntwo\n');
});

test('Expect: 100-continue gets its 100 when the app reads', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startStreams(rig);
  await using client = await HttpClient.connect(port);
  client.send('POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
  assert.equal((await client.answer()).statusLine, 'HTTP/1.1 100 Continue');
  client.send('one\n');
  assert.equal((await client.answer()).body.toString(), 'one\n');
});

test('an app waits for a client that does not read, and memory stays small', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startStreams(rig);
  const before = privateBytesOfTree(vassal.pid);
  const socket = await connectTo(t, port);
  socket.pause();
  socket.write('GET /count HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await vassal.waitForLog(/^item 2$/);
  await twentyRequests(port);
  const items = vassal.log.all(/^item \d+$/).length;
  assert.ok(items * 1_000_000 < tooMuch, `${items} MB were taken off the app`);
  const grown = privateBytesOfTree(vassal.pid) - before;
  assert.ok(grown < tooMuch, `${grown} bytes more than before`);

  let received = 0;
  socket.on('data', (data: Buffer) => (received += data.length));
  socket.resume();
  socket.resume();
  await within(patienceMs, 'the end of the answer', once(socket, 'end'));
  assert.ok(received > 200_000_000, `${received} bytes`);
});

test('a client waits for an app that does not read, and memory stays small', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startStreams(rig);
  const before = privateBytesOfTree(vassal.pid);
  const socket = await connectTo(t, port);
  socket.write('POST /deaf HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 200000000\r\n\r\n');
  let taken = 0;
  const upload = async (): Promise<void> => {
    const part = Buffer.alloc(1_000_000, 'x');
    for (; taken < 200_000_000; taken += part.length) if (!socket.write(part)) await once(socket, 'drain');
  };
  void upload().catch(() => 'cut short by the end of the test');
  await twentyRequests(port);
  assert.ok(taken < tooMuch, `${taken} bytes were taken off the client`);
  const grown = privateBytesOfTree(vassal.pid) - before;
  assert.ok(grown < tooMuch, `${grown} bytes more than before`);

  openGate(rig);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString('latin1'), /^HTTP\/1\.1 200 OK\r\n/);
});
