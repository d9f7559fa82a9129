import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import { type FakeBackend, type ProxyRig, type RigOptions, startPair } from './rig.test-support.ts';

const offer = (protocol = 'websocket'): string =>
  `GET /chat HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Key: k\r\n\r\n`;
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';

for (const protocol of ['http', 'uwsgi'] as const) {
  const start = (options: Partial<RigOptions> = {}): Promise<{ rig: ProxyRig; backend: FakeBackend }> =>
    startPair(options, { protocol });
  const asked =
    protocol === 'http' ? /\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n[^]*\r\n\r\n$/ : /HTTP_UPGRADE..websocket/s;

  test(`Upstream lets a client talk with a ${protocol} backend in another protocol`, async () => {
    const { rig, backend } = await start();
    await using _ = rig;
    const client = await rig.connect();
    client.send(offer());
    const peer = await backend.connection();
    await peer.until(asked);
    peer.text = '';
    peer.send(`${SWITCHED}welcome`);
    await client.until((seen) => seen.text === `${SWITCHED}welcome`);
    client.send('hello\0\xff');
    await peer.until(/^hello\0\xff$/);
    peer.send('\x81\x00');
    await client.until(({ text }) => text.endsWith('welcome\x81\x00'));
    client.end('bye');
    await peer.ended();
    assert.equal(peer.text, 'hello\0\xffbye');
    peer.end('bye');
    assert.ok((await client.ended()).endsWith('\x00bye'));
    await rig.until(() => rig.finished.length === 1);
    assert.equal(rig.finished[0]?.status, 101);
  });

  test(`Upstream passes on that a ${protocol} backend does not switch`, async () => {
    const { rig, backend } = await start();
    await using _ = rig;
    const client = await rig.connect();
    client.send(offer());
    const peer = await backend.connection();
    await peer.until(asked);
    peer.end('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\nUpgrade: other\r\n\r\nno');
    await client.until(/^HTTP\/1.1 426 [^]*no$/);
  });

  test(`Upstream ends the one side of a switched ${protocol} connection with the other`, async () => {
    for (const side of ['client', 'backend'] as const) {
      const { rig, backend } = await start();
      await using _ = rig;
      const client = await rig.connect();
      client.send(offer());
      const peer = await backend.connection();
      peer.send(SWITCHED);
      await client.until(/101/);
      if (side === 'client') client.reset();
      else peer.reset();
      await (side === 'client' ? peer : client).ended();
      await rig.until(() => rig.finished.length === 1);
    }
  });
}

test('Upstream closes a switched connection on which nothing is said for too long', async () => {
  const { rig, backend } = await startPair({ responseTimeoutMs: 50 });
  await using _ = rig;
  const client = await rig.connect();
  client.send(offer());
  const peer = await backend.connection();
  peer.send(SWITCHED);
  await client.until(/101/);
  await Promise.all([client.ended(), peer.ended()]);
  assert.deepEqual(rig.logged, []);
});

test('Upstream holds each side of a switched connection back that the other cannot follow', async () => {
  const { rig, backend } = await startPair();
  await using _ = rig;
  backend.keepText = false;
  const client = await rig.connect(false);
  client.send(offer());
  const peer = await backend.connection();
  peer.send(SWITCHED);
  await client.until(({ receivedBytes }) => receivedBytes === SWITCHED.length);
  await peer.until(({ receivedBytes }) => receivedBytes > 100);
  const head = peer.receivedBytes;
  const bytes = 32 * 1_048_576;
  for (const [from, to, before] of [
    [client, peer, head],
    [peer, client, SWITCHED.length],
  ] as const) {
    to.socket.pause();
    const poured = from.pour(bytes);
    await rig.stalled(() => from.socket.bytesWritten - from.socket.writableLength);
    assert.ok(to.receivedBytes < bytes);
    to.socket.resume();
    await poured;
    await to.until(({ receivedBytes }) => receivedBytes === before + bytes);
  }
});

test('Upstream does not offer HTTP/2, whose requests would pass unseen', async () => {
  const { rig, backend } = await startPair({}, { protocol: 'http' });
  await using _ = rig;
  const client = await rig.connect();
  client.send(offer('h2c'));
  const peer = await backend.connection();
  const text = await peer.until(/\r\n\r\n$/);
  assert.doesNotMatch(text, /upgrade/i);
  peer.send(Buffer.from(SWITCHED));
  await client.until(/^HTTP\/1.1 502 /);
});
