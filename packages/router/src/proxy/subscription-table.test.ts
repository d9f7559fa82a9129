import assert from 'node:assert/strict';
import test from 'node:test';

import type { Announcement } from '@emperor/protocol';

import { SubscriptionTable } from './subscription-table.ts';

const announcement = (key: string, address: string, more: Partial<Announcement> = {}): Announcement => ({
  leaves: false,
  key,
  address,
  modifier1: 0,
  modifier2: 0,
  cores: 1,
  load: 0,
  weight: 0,
  protocol: 'uwsgi',
  ...more,
});

function table(splitsDots = false): {
  subscriptions: SubscriptionTable;
  log: string[];
  nodes: (host: string) => string;
} {
  const log: string[] = [];
  const subscriptions = new SubscriptionTable({
    toleranceMs: 17_000,
    splitsDots,
    balance: 'wrr',
    log: (line) => log.push(line.replace(/^.*pid \d+\] /, '')),
    onInhabited: (inhabited) => log.push(inhabited ? 'inhabited' : 'deserted'),
  });
  const nodes = (host: string): string =>
    subscriptions
      .find(host)
      ?.group.backends.map(({ name, weight }) => `${name}*${weight}`)
      .join(' ') ?? '';
  return { subscriptions, log, nodes };
}

test('SubscriptionTable knows the nodes of a host from their announcements', () => {
  const { subscriptions, log, nodes } = table();
  subscriptions.announced(announcement('x.org', '10.0.0.1:1'), '', 0);
  subscriptions.announced(announcement('x.org', '10.0.0.2:1', { weight: 3 }), '', 0);
  subscriptions.announced(announcement('x.org', '10.0.0.1:1', { weight: 2 }), '', 1);
  assert.equal(nodes('x.org'), '10.0.0.1:1*2 10.0.0.2:1*3');
  assert.deepEqual(log, [
    'new pool: x.org',
    'x.org => new node: 10.0.0.1:1',
    'inhabited',
    'x.org => new node: 10.0.0.2:1',
  ]);
});

test('SubscriptionTable finds a host in any spelling, and first of all as it was announced', () => {
  const { subscriptions, nodes } = table();
  subscriptions.announced(announcement('x.org', 'a:1'), '', 0);
  subscriptions.announced(announcement('x.org:8000', 'b:1'), '', 0);
  subscriptions.announced(announcement('Up.Org', 'c:1'), '', 0);
  for (const host of ['x.org', 'X.org', 'x.org:80', 'x.org.', 'x.org.:80']) assert.equal(nodes(host), 'a:1*1', host);
  assert.equal(nodes('x.org:8000'), 'b:1*1');
  assert.equal(nodes('Up.Org'), 'c:1*1');
  for (const host of ['', 'y.org', 'a.x.org', ':80']) assert.equal(nodes(host), '', host);
});

test('SubscriptionTable splits hosts at their dots when told to', () => {
  const { subscriptions, nodes } = table(true);
  subscriptions.announced(announcement('.x.org', 'a:1'), '', 0);
  for (const host of ['a.x.org', 'a.b.x.org:80']) assert.equal(nodes(host), 'a:1*1', host);
  assert.equal(nodes('x.org'), '');
});

test('SubscriptionTable forgets nodes that leave and nodes that are silent', () => {
  const { subscriptions, log, nodes } = table();
  for (const address of ['a:1', 'b:1', 'c:1']) subscriptions.announced(announcement('x.org', address), '', 0);
  subscriptions.announced(announcement('x.org', 'a:1', { leaves: true }), '', 1);
  subscriptions.announced(announcement('x.org', 'unknown:1', { leaves: true }), '', 1);
  subscriptions.announced(announcement('x.org', 'b:1'), '', 10_000);
  subscriptions.expire(17_001);
  assert.equal(nodes('x.org'), 'b:1*1');
  assert.deepEqual(log.slice(-2), [
    'x.org => marking a:1 as failed',
    'x.org => marking c:1 as failed (no announce received in 17 seconds)',
  ]);
  subscriptions.expire(27_001);
  assert.equal(subscriptions.find('x.org'), undefined);
  assert.deepEqual(log.slice(-2), ['x.org => marking b:1 as failed (no announce received in 17 seconds)', 'deserted']);
});

test('SubscriptionTable follows a node that speaks another protocol now', () => {
  const { subscriptions } = table();
  subscriptions.announced(announcement('x.org', 'a:1'), '', 0);
  subscriptions.announced(announcement('x.org', 'a:1', { protocol: 'http' }), '', 1);
  assert.deepEqual(
    subscriptions.find('x.org')?.group.backends.map(({ protocol }) => protocol),
    ['http'],
  );
});

test('SubscriptionTable balances by another algorithm when told to', () => {
  const { subscriptions } = table();
  subscriptions.announced(announcement('x.org', 'a:1'), '', 0);
  subscriptions.reconfigure({ toleranceMs: 1, splitsDots: false, balance: 'lrc', log: () => undefined });
  assert.equal(subscriptions.find('x.org')?.group.balance, 'lrc');
});

test('SubscriptionTable takes an address without a host for one of the sender', () => {
  const { subscriptions } = table();
  subscriptions.announced(announcement('x.org', ':3031'), '192.0.2.7', 0);
  assert.deepEqual(subscriptions.find('x.org')?.group.backends[0]?.address, {
    kind: 'tcp',
    host: '192.0.2.7',
    port: 3031,
  });
});

test('SubscriptionTable refuses addresses that are none, with a line in the log', () => {
  const { subscriptions, log } = table();
  for (const address of ['x:99999', '=0', 'fd://3', 'x:0'])
    subscriptions.announced(announcement('x.org', address), '', 0);
  assert.equal(subscriptions.find('x.org'), undefined);
  assert.equal(log.filter((line) => line.includes('this is no address')).length, 4);
});
