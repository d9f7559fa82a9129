import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';

import { get, startPair } from './rig.test-support.ts';

const MEGABYTE = 1_048_576;

/** Files for bodies that have a name: there are none, not even while one is used. */
// A directory of this file's own: other tests store bodies at the same time.
const directory = mkdtempSync(join(tmpdir(), 'upstream-flow-'));
process.env['TMPDIR'] = directory;
after(() => rmSync(directory, { recursive: true }));

const storedFiles = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('emperor-body-'));

test('Upstream passes a large upload on while it comes, no faster than the backend takes it', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  backend.keepText = false;
  const client = await rig.connect();
  const length = 64 * MEGABYTE;
  client.send(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`);
  const poured = client.pour(length);
  const peer = await backend.connection();
  peer.socket.pause();
  // As much as fits into the buffers between here and there comes to rest, the rest of the upload has to wait.
  await rig.stalled(() => client.socket.bytesWritten - client.socket.writableLength);
  assert.ok(client.socket.writableLength > 0 || client.socket.bytesWritten < length);
  peer.socket.resume();
  await poured;
  await peer.until(({ receivedBytes }) => receivedBytes > length);
  peer.end('HTTP/1.1 200 OK\r\n\r\nthanks');
  await client.until(/thanks/);
});

test('Upstream passes a large answer on while it comes, no faster than the client takes it', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  const client = await rig.connect(false);
  const length = 64 * MEGABYTE;
  client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  client.socket.pause();
  const peer = await backend.connection();
  peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`);
  const poured = peer.pour(length);
  await rig.stalled(() => peer.socket.bytesWritten - peer.socket.writableLength);
  assert.ok(peer.socket.bytesWritten < length);
  client.socket.resume();
  await poured;
  await client.until(({ receivedBytes }) => receivedBytes > length);
});

test('Upstream collects a large chunked body in a file without a name', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  backend.keepText = false;
  const client = await rig.connect();
  const count = 1000;
  const piece = `8000\r\n${'x'.repeat(32_768)}\r\n`;
  client.send('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
  for (let sent = 0; sent < count; sent++) {
    if (!client.send(piece)) await client.drained();
  }
  await rig.stalled(() => client.socket.bytesWritten);
  assert.deepEqual(storedFiles(), []);
  assert.equal(backend.accepted, 0);
  client.send('0\r\n\r\n');
  const peer = await backend.connection();
  await peer.until(({ receivedBytes }) => receivedBytes > count * 32_768);
  peer.end('HTTP/1.1 200 OK\r\n\r\nthanks');
  await client.until(/thanks/);
  assert.deepEqual(storedFiles(), []);
});

test('Upstream collects every body first when it is told to buffer', async () => {
  const { rig, backend } = await startPair({ collectBytes: 1000 });
  await using _ = rig;
  const client = await rig.connect();
  const body = 'abcdefgh'.repeat(20_000);
  client.send(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 150_000)}`);
  await rig.stalled(() => client.socket.bytesWritten);
  assert.equal(backend.accepted, 0);
  client.send(body.slice(150_000));
  const peer = await backend.connection();
  const text = await peer.until(({ receivedBytes }) => receivedBytes > body.length);
  assert.equal(text.slice(-body.length), body);
  peer.end('HTTP/1.1 200 OK\r\n\r\nthanks');
  await client.until(/thanks/);
});

test('Upstream does not count the time a client takes for its upload as silence of the backend', async () => {
  const { rig, backend } = await startPair({ responseTimeoutMs: 100 });
  await using _ = rig;
  const client = await rig.connect();
  client.send(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(99_999)}`);
  const peer = await backend.connection();
  await peer.until(({ receivedBytes }) => receivedBytes > 99_999);
  // The time it takes until a later request is found to have been left without an answer.
  assert.match(await rig.ask(get('/')), / 504 /);
  client.send('x');
  await peer.until(({ receivedBytes }) => receivedBytes > 100_000);
  peer.end('HTTP/1.1 200 OK\r\n\r\nthanks');
  await client.until(/thanks/);
});
