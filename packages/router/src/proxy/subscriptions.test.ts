import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import test from 'node:test';

import { BoundDatagramSocket } from '@emperor/posix';

import { AnnouncementSender } from './announcement-sender.ts';
import { FakeBackend, get, ProxyRig, TemporaryDirectory } from './rig.test-support.ts';
import { SubscribedHosts } from './subscribed-hosts.ts';
import { Subscriber, type Subscription } from './subscriber.ts';
import { SubscriptionServer } from './subscription-server.ts';
import { SubscriptionTable } from './subscription-table.ts';

interface Realm {
  readonly rig: ProxyRig;
  /** Of the server. */
  readonly socket: BoundDatagramSocket;
  readonly table: SubscriptionTable;
  readonly server: SubscriptionServer;
  readonly lines: string[];
  /** Resolves when a line matches. */
  readonly logged: (pattern: RegExp) => Promise<void>;
}

function startRealm(fallbackKey?: string): Realm {
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  const log = (line: string): void => {
    lines.push(line);
    for (const wake of waiting.splice(0)) wake();
  };
  const table = new SubscriptionTable({ toleranceMs: 60_000, splitsDots: false, balance: 'wrr', log });
  const socket = BoundDatagramSocket.udp('127.0.0.1', 0);
  const server = new SubscriptionServer(socket, table);
  const rig = new ProxyRig({ backends: [], log }).with({ close: () => Promise.resolve(server.close()) });
  const hosts = new SubscribedHosts({ table, upstream: rig.upstream, fallbackKey, passesOn: false, log });
  rig.handle = (exchange) => hosts.handle(exchange);
  return {
    rig,
    socket,
    table,
    server,
    lines,
    logged: async (pattern) => {
      while (!lines.some((line) => pattern.test(line))) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}

function subscription({ port }: BoundDatagramSocket, key: string, backend: FakeBackend): Subscription {
  const numbers = { modifier1: 0, modifier2: 0, cores: 1, load: 0, weight: 1 };
  return {
    text: `127.0.0.1:${port}:${key}`,
    server: { kind: 'tcp', host: '127.0.0.1', port },
    announcement: { key, address: backend.name, protocol: 'uwsgi', ...numbers },
  };
}

function start(...subscriptions: Subscription[]): Subscriber {
  const subscriber = new Subscriber({ subscriptions, intervalMs: 60_000, log: () => {} });
  subscriber.start();
  return subscriber;
}

async function answer(backend: FakeBackend, body: string): Promise<void> {
  const peer = await backend.connection();
  await peer.until(/HTTP_HOST/);
  peer.end(`HTTP/1.1 200 OK\r\n\r\n${body}`);
}

test('SubscribedHosts sends requests to the nodes announced for their host, until they leave', async () => {
  const { rig, socket, logged } = startRealm();
  await using _ = rig;
  const [one, two] = [await FakeBackend.open(), await FakeBackend.open()];
  rig.with(one).with(two);
  assert.match(await rig.ask(get('/')), /^HTTP\/1.1 503 /);
  const subscriber = start(subscription(socket, 'example.com', one), subscription(socket, 'other.org', two));
  await logged(/other.org => new node/);
  await logged(/example.com => new node/);
  for (const [host, backend, body] of [
    ['example.com', one, 'one'],
    ['other.org', two, 'two'],
  ] as const) {
    const text = rig.ask(get('/').replace('example.com', host));
    await answer(backend, body);
    assert.match(await text, new RegExp(`${body}$`));
  }
  await subscriber.close();
  await logged(/example.com => marking .* as failed$/);
  assert.match(await rig.ask(get('/')), /^HTTP\/1.1 503 /);
});

test('SubscribedHosts turns to the nodes of the fallback key for hosts that nobody has announced, or cannot be reached', async () => {
  const { rig, socket, logged } = startRealm('fallback.org');
  await using _ = rig;
  const [backend, gone] = [await FakeBackend.open(), await FakeBackend.open()];
  rig.with(backend);
  await gone.close();
  const subscriber = start(subscription(socket, 'fallback.org', backend), subscription(socket, 'gone.org', gone));
  await logged(/gone.org => new node/);
  await logged(/fallback.org => new node/);
  for (const host of ['unknown.org', 'gone.org']) {
    const text = rig.ask(get('/').replace('example.com', host));
    await answer(backend, 'fallback');
    assert.match(await text, /fallback$/);
  }
  await subscriber.close();
});

test('Subscriber announces the host names of a file, and says when it cannot be read', async () => {
  const { rig, socket, logged } = startRealm();
  await using _ = rig;
  const directory = new TemporaryDirectory();
  const backend = await FakeBackend.open();
  rig.with(backend).with(directory);
  writeFileSync(`${directory.path}/hosts`, '# ours\na.org\n\n  b.org \n');
  const told: string[] = [];
  const subscriber = new Subscriber({
    subscriptions: ['hosts', 'missing'].map((name) => subscription(socket, `@${directory.path}/${name}`, backend)),
    intervalMs: 60_000,
    log: (line) => told.push(line),
  });
  subscriber.start();
  await logged(/a.org => new node/);
  await logged(/b.org => new node/);
  await subscriber.close();
  assert.match(told.join('\n'), /cannot read the host names to announce: ENOENT/);
});

test('Subscriber leaves what its successor does not announce, and goes on with the rest', async () => {
  const { rig, socket, table, logged } = startRealm();
  await using _ = rig;
  const backend = await FakeBackend.open();
  rig.with(backend);
  const [both, old, fresh] = ['both.org', 'old.org', 'fresh.org'].map((key) => subscription(socket, key, backend));
  assert.ok(both !== undefined && old !== undefined && fresh !== undefined);
  const before = start(both, old);
  await logged(/old.org => new node/);
  const after = start(both, fresh);
  before.stop(after);
  await logged(/old.org => marking .* as failed$/);
  await logged(/fresh.org => new node/);
  assert.deepEqual([...table.pools].map(({ key }) => key).toSorted(), ['both.org', 'fresh.org']);
  await before.close();
  assert.ok(table.find('both.org'));
  await after.close();
});

test('Subscriber says nothing while it is suspended, but leaves all the same', async () => {
  const { rig, socket, logged, lines } = startRealm();
  await using _ = rig;
  const backend = await FakeBackend.open();
  rig.with(backend);
  let suspended = true;
  const one = { ...subscription(socket, 'one.org', backend), isSuspended: () => suspended };
  const subscriber = start(one, subscription(socket, 'other.org', backend));
  await logged(/other.org => new node/);
  assert.equal(
    lines.some((line) => line.includes('one.org')),
    false,
  );
  suspended = false;
  await logged(/one.org => new node/);
  suspended = true;
  await subscriber.close();
  await logged(/one.org => marking .* as failed$/);
});

test('SubscriptionServer passes announcements on, with the address they came from', async () => {
  const [first, second] = [startRealm(), startRealm()];
  await using _ = first.rig;
  await using __ = second.rig;
  const sender = new AnnouncementSender({ kind: 'tcp', host: '127.0.0.1', port: second.socket.port });
  first.server.resubscribe = [sender];
  const backend = await FakeBackend.open();
  first.rig.with(backend);
  const { announcement, ...rest } = subscription(first.socket, 'x.org', backend);
  const address = backend.name.replace('127.0.0.1', '');
  const subscriber = start({ ...rest, announcement: { ...announcement, address } });
  await second.logged(/x.org => new node: 127\.0\.0\.1:\d+$/);
  await subscriber.close();
  await second.logged(/x.org => marking 127\.0\.0\.1:\d+ as failed$/);
  await sender.close();
});
