import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import test from 'node:test';

import { FakeBackend, get, ProxyRig, TemporaryDirectory } from './rig.test-support.ts';
import { SubscribedHosts } from './subscribed-hosts.ts';
import { Subscriber, type Subscription } from './subscriber.ts';
import { SubscriptionServer } from './subscription-server.ts';
import { SubscriptionTable } from './subscription-table.ts';

interface Realm {
  readonly rig: ProxyRig;
  readonly server: SubscriptionServer;
  readonly lines: string[];
  /** Resolves when a line matches. */
  readonly logged: (pattern: RegExp) => Promise<void>;
}

async function startRealm(fallbackKey?: string): Promise<Realm> {
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  const log = (line: string): void => {
    lines.push(line);
    for (const wake of waiting.splice(0)) wake();
  };
  const table = new SubscriptionTable({ toleranceMs: 60_000, splitsDots: false, log });
  const server = await SubscriptionServer.open({ host: '127.0.0.1', port: 0 }, table);
  const rig = new ProxyRig({ backends: [], log }).with({ close: () => Promise.resolve(server.close()) });
  const hosts = new SubscribedHosts({ table, upstream: rig.upstream, fallbackKey, passesOn: false, log });
  rig.handle = (exchange) => hosts.handle(exchange);
  return {
    rig,
    server,
    lines,
    logged: async (pattern) => {
      while (!lines.some((line) => pattern.test(line))) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}

function subscription(server: SubscriptionServer, key: string, backend: FakeBackend): Subscription {
  const numbers = { modifier1: 0, modifier2: 0, cores: 1, load: 0, weight: 1 };
  return {
    text: `127.0.0.1:${server.port}:${key}`,
    server: { host: '127.0.0.1', port: server.port },
    announcement: { key, address: backend.name, protocol: 'uwsgi', ...numbers },
  };
}

const start = (...subscriptions: Subscription[]): Promise<Subscriber> =>
  Subscriber.start({ subscriptions, intervalMs: 60_000, log: () => {} });

async function answer(backend: FakeBackend, body: string): Promise<void> {
  const peer = await backend.connection();
  await peer.until(/HTTP_HOST/);
  peer.end(`HTTP/1.1 200 OK\r\n\r\n${body}`);
}

test('SubscribedHosts sends requests to the nodes announced for their host, until they leave', async () => {
  const { rig, server, logged } = await startRealm();
  await using _ = rig;
  const [one, two] = [await FakeBackend.open(), await FakeBackend.open()];
  rig.with(one).with(two);
  assert.match(await rig.ask(get('/')), /^HTTP\/1.1 503 /);
  const subscriber = await start(subscription(server, 'example.com', one), subscription(server, 'other.org', two));
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
  await subscriber.stop(true);
  await logged(/example.com => marking .* as failed$/);
  assert.match(await rig.ask(get('/')), /^HTTP\/1.1 503 /);
});

test('SubscribedHosts turns to the nodes of the fallback key for hosts that nobody has announced, or cannot be reached', async () => {
  const { rig, server, logged } = await startRealm('fallback.org');
  await using _ = rig;
  const [backend, gone] = [await FakeBackend.open(), await FakeBackend.open()];
  rig.with(backend);
  await gone.close();
  const subscriber = await start(subscription(server, 'fallback.org', backend), subscription(server, 'gone.org', gone));
  await logged(/gone.org => new node/);
  await logged(/fallback.org => new node/);
  for (const host of ['unknown.org', 'gone.org']) {
    const text = rig.ask(get('/').replace('example.com', host));
    await answer(backend, 'fallback');
    assert.match(await text, /fallback$/);
  }
  await subscriber.stop(false);
});

test('Subscriber announces the host names of a file, and says when it cannot be read', async () => {
  const { rig, server, logged } = await startRealm();
  await using _ = rig;
  const directory = new TemporaryDirectory();
  const backend = await FakeBackend.open();
  rig.with(backend).with(directory);
  writeFileSync(`${directory.path}/hosts`, 'a.org\n\n  b.org \n');
  const told: string[] = [];
  const subscriber = await Subscriber.start({
    subscriptions: ['hosts', 'missing'].map((name) => subscription(server, `@${directory.path}/${name}`, backend)),
    intervalMs: 60_000,
    log: (line) => told.push(line),
  });
  await logged(/a.org => new node/);
  await logged(/b.org => new node/);
  await subscriber.stop(false);
  assert.match(told.join('\n'), /cannot read the host names to announce: ENOENT/);
});
