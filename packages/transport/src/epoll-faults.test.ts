import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { closeDescriptor, createSocketPair, listenTcp, listenUnix, setSocketBuffers } from '@emperor/posix';

import { Place, turns } from './contract/place.test-support.ts';
import { EpollTransport } from './epoll-transport.ts';
import { FaultServer } from './fault-client.test-support.ts';
import { RecordingHandler } from './recording-handler.test-support.ts';
import type { SocketAddress } from './transport.ts';

/** `FAULT_CONNECTIONS=20000` for a long run. */
const CONNECTIONS = Number(process.env['FAULT_CONNECTIONS'] ?? 1000);

/** A TCP listener whose queue is full: whoever connects waits. */
async function openFullListener(transport: EpollTransport): Promise<{ address: SocketAddress } & AsyncDisposable> {
  const { descriptor, port } = listenTcp('127.0.0.1', 0, { backlog: 0 });
  const address = { kind: 'tcp', host: '127.0.0.1', port } as const;
  const clients = Array.from({ length: 4 }, () => {
    const client = new RecordingHandler();
    client.stream = transport.connect(address, client);
    return client;
  });
  await turns(5);
  assert.ok(clients.some(({ calls }) => calls.length === 0));
  return {
    address,
    [Symbol.asyncDispose]: async () => {
      closeDescriptor(descriptor);
      for (const client of clients) {
        client.stream?.destroy();
        if (!client.closed) await client.untilClosed();
      }
    },
  };
}

test('EpollTransport does not give the new owner of a descriptor the events of the old one', async () => {
  const transport = new EpollTransport();
  await using full = await openFullListener(transport);
  await using place = new Place(transport, 'unix');
  const pairs = [createSocketPair(), createSocketPair()];
  const [left, right] = pairs.map(([mine]) => place.adopt(mine));
  assert.ok(left !== undefined && right !== undefined);
  const writers = pairs.map(([, theirs]) => place.adopt(theirs));
  await turns(2);
  let heir: RecordingHandler | undefined;
  // Whichever of the two comes first in the batch closes the other one and opens a socket that gets its number. The event that is
  // still there for the other one would say that the new socket is connected.
  const usurp = (mine: RecordingHandler, other: RecordingHandler): void => {
    mine.on.data = () => {
      other.stream?.destroy();
      heir = place.connect(full.address);
    };
  };
  usurp(left, right);
  usurp(right, left);
  for (const { stream } of writers) stream?.write('hello');
  await turns(5);
  assert.ok(heir !== undefined);
  assert.deepEqual(heir.calls, []);
  assert.deepEqual([left.text, right.text].toSorted(), ['', 'hello']);
});

test('EpollTransport tells of a reset at once, also while it is paused', async () => {
  await using place = new Place(new EpollTransport(), 'tcp');
  const client = place.connect();
  const server = await place.accepted();
  server.tell((stream) => stream.pause());
  await client.until(() => client.calls.includes('connect'));
  client.tell((stream) => stream.destroy());
  await server.untilClosed();
  assert.equal(server.error?.code, 'ECONNRESET');
});

test('EpollTransport connects to a UNIX listener whose queue is full as soon as there is room', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'transport-'));
  const path = join(directory, 's');
  const transport = new EpollTransport();
  const { descriptor } = listenUnix(path, { backlog: 1 });
  const clients = Array.from({ length: 10 }, () => {
    const client = new RecordingHandler();
    client.stream = transport.connect({ kind: 'unix', path }, client);
    return client;
  });
  await turns(5);
  assert.ok(clients.some(({ calls }) => calls.length === 0));
  assert.ok(clients.every(({ closed }) => !closed));
  const listener = transport.listen(descriptor, { kind: 'unix', path }, (stream) => {
    stream.end();
    return new RecordingHandler();
  });
  await Promise.all(clients.map((client) => client.until(() => client.calls.includes('end'))));
  for (const { stream } of clients) stream?.end();
  await Promise.all(clients.map((client) => client.untilClosed()));
  listener.close();
  rmSync(directory, { recursive: true });
});

test('EpollTransport carries everything through buffers of a few hundred bytes', async () => {
  await using place = new Place(new EpollTransport(), 'unix');
  const pair = createSocketPair();
  for (const descriptor of pair) setSocketBuffers(descriptor, { send: 1, receive: 1 });
  const [left, right] = pair.map((descriptor) => place.adopt(descriptor));
  assert.ok(left !== undefined && right !== undefined);
  const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
  using file = place.file(content);
  for (let at = 0; at < content.length; at += 1777) left.stream?.write(content.subarray(at, at + 1777));
  left.stream?.sendFile(file.descriptor, 0, content.length, () => {});
  left.stream?.end();
  await right.until(() => right.calls.includes('end'));
  assert.ok(Buffer.concat(right.chunks).equals(Buffer.concat([content, content])));
});

test('EpollTransport gives a trickle its turn beside a firehose, and timers theirs', async () => {
  await using place = new Place(new EpollTransport(), 'tcp');
  place.onAccept = (server) => {
    server.keeps = false;
    server.on.data = (_, chunk) => {
      if (chunk.length < 100) server.stream?.write(Buffer.from(chunk));
    };
  };
  const hoses = Array.from({ length: 4 }, () => place.connect());
  const piece = Buffer.alloc(1_000_000);
  for (const hose of hoses) {
    const pour = (): void => {
      while (hose.stream?.write(piece) === true);
    };
    hose.on.drain = pour;
    pour();
  }
  const trickle = place.connect();
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const startedAtMs = performance.now();
  for (let i = 1; i <= 50; i++) {
    trickle.stream?.write('ping');
    await trickle.until(() => trickle.text.length === 4 * i);
  }
  const tookMs = performance.now() - startedAtMs;
  clearInterval(timer);
  const hosed = place.handlers.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0);
  assert.ok(hosed > 50_000_000, `the firehoses sent ${hosed} bytes`);
  assert.ok(tookMs < 5000, `50 answers took ${tookMs} ms`);
  assert.ok(ticks > 10, `${ticks} ticks in ${tookMs} ms`);
});

test('EpollTransport survives connections that are reset at any moment', async () => {
  await using place = new Place(new EpollTransport(), 'tcp');
  let seed = 4711;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  const harm = (handler: RecordingHandler): void => {
    const { stream } = handler;
    if (stream === undefined || handler.closed) return;
    const deeds = [
      () => stream.destroy(),
      () => stream.end(),
      () => stream.close(),
      () => stream.pause(),
      () => stream.resume(),
      () => void stream.write(Buffer.alloc(random(300_000))),
    ];
    deeds[random(deeds.length)]?.();
  };
  place.onAccept = (server) => {
    server.keeps = false;
    server.on.data = harm;
  };
  const clients = Array.from({ length: 300 }, () => place.connect());
  for (const client of clients) {
    client.keeps = false;
    client.on.connect = (handler) => void handler.stream?.write(Buffer.alloc(random(200_000)));
    client.on.data = harm;
    client.on.drain = harm;
  }
  for (let round = 0; round < 100; round++) {
    for (const handler of place.handlers) if (random(4) === 0) harm(handler);
    await turns(1);
  }
  for (const handler of place.handlers) if (!handler.closed) handler.stream?.destroy();
  for (const handler of place.handlers) if (!handler.closed) await handler.untilClosed();
});

test(`EpollTransport holds ${CONNECTIONS} connections`, async () => {
  await using server = await FaultServer.start();
  const clients = Array.from({ length: CONNECTIONS }, () => server.connect());
  for (const [i, client] of clients.entries()) client.stream?.write(`client ${i}`);
  await Promise.all(clients.map((client, i) => client.until(() => client.text === `client ${i}`)));
  const [first = assert.fail()] = clients;
  assert.equal(await server.ask(first, 'count'), String(CONNECTIONS));
  assert.equal(server.lines.length, 1);
});

test('EpollTransport waits for descriptors when there are none left, says so once, and goes on', async () => {
  await using server = await FaultServer.start('ulimit -n 60');
  const clients = Array.from({ length: 80 }, () => server.connect());
  for (const client of clients) client.stream?.write('hello');
  const complaint = await server.until(/^complaint/);
  assert.match(complaint, /^complaint accepting on 127\.0\.0\.1:[0-9]+: accept4: too many open files: waiting/);
  const served = (): RecordingHandler[] => clients.filter(({ text }) => text.startsWith('hello'));
  await Promise.race(clients.map((client) => client.until(() => client.text !== '')));
  assert.ok(served().length < clients.length);
  const [witness = assert.fail()] = served();
  const before = Number(await server.ask(witness, 'cpu'));
  await delay(300);
  const spent = Number(await server.ask(witness, 'cpu')) - before;
  assert.ok(spent < 50_000, `${spent} microseconds were spent on waiting`);
  while (served().length < clients.length) {
    for (const client of served()) if (!client.closed) client.stream?.destroy();
    await Promise.race(
      clients
        .filter(({ closed, text }) => !closed && text === '')
        .map((client) => client.until(() => client.text !== '')),
    );
  }
  assert.deepEqual(
    server.lines.filter((line) => line.startsWith('complaint')),
    [complaint],
  );
});

test('EpollTransport delivers the events of others when a handler throws', async () => {
  await using server = await FaultServer.start();
  const clients = Array.from({ length: 20 }, () => server.connect());
  await Promise.all(clients.map((client) => server.ask(client, 'warm')));
  for (const [i, client] of clients.entries()) client.stream?.write(i % 2 === 0 ? 'throw' : 'hello');
  for (const client of clients.filter((_, i) => i % 2 === 1)) await client.until(() => client.text === 'warmhello');
  await server.until(/^uncaught as asked$/);
  for (const client of clients) assert.equal(await server.ask(client, 'again'), 'again');
});

test('EpollTransport uses no processor time while nothing happens, and lets signals through while much does', async () => {
  await using server = await FaultServer.start();
  const [client, hose] = [server.connect(), server.connect()];
  const before = Number(await server.ask(client, 'cpu'));
  await delay(500);
  const after = Number(await server.ask(client, 'cpu'));
  assert.ok(after - before < 10_000, `${after - before} microseconds`);
  hose.keeps = false;
  const piece = Buffer.alloc(500_000);
  const pour = (): void => {
    while (hose.stream?.write(piece) === true);
  };
  hose.on.drain = pour;
  pour();
  await hose.until(() => hose.receivedBytes > 5_000_000);
  server.child.kill('SIGTERM');
  await server.until(/^terminated$/);
});

test('EpollTransport keeps the process alive while something is open, and no longer', async () => {
  await using server = await FaultServer.start();
  const [first, second] = [server.connect(), server.connect()];
  await server.ask(first, 'hello');
  await server.ask(second, 'hello');
  first.stream?.write('close');
  await first.until(() => first.calls.includes('end'));
  first.stream?.end();
  assert.equal(await server.ask(second, 'still here'), 'still here');
  second.stream?.end();
  assert.deepEqual(await server.exited, [0, null]);
});
