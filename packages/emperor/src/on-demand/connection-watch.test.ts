import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { ConnectionWatch } from './connection-watch.ts';
import { HeldSocket } from './held-socket.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'emperor-held-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('ConnectionWatch tells of a connection once, and leaves it for others to accept', async () => {
  const path = join(root, 'a.socket');
  const held = HeldSocket.open(path);
  const watch = new ConnectionWatch();
  let told = 0;
  const first = new Promise<void>((resolve) => watch.watch(held.descriptor, () => resolve(void (told += 1))));
  const clients = [connect(path), connect(path)];
  await Promise.all([first, ...clients.map((client) => once(client, 'connect'))]);
  assert.equal(told, 1);
  await new Promise<void>((resolve) => watch.watch(held.descriptor, resolve));
  for (const client of clients) client.destroy();
  held.close();
});

test('ConnectionWatch says nothing of a socket that it was told to forget', async () => {
  const [forgotten, other] = [join(root, 'a.socket'), join(root, 'b.socket')].map((path) => HeldSocket.open(path));
  const watch = new ConnectionWatch();
  watch.watch(forgotten!.descriptor, () => assert.fail('told of a forgotten socket'));
  watch.forget(forgotten!.descriptor);
  const told = new Promise<void>((resolve) => watch.watch(other!.descriptor, resolve));
  const clients = [connect(forgotten!.address), connect(other!.address)];
  await told;
  for (const client of clients) client.destroy();
  forgotten!.close();
  other!.close();
});

test('HeldSocket is open to everybody, replaces a socket file, and is removed when it closes', () => {
  const path = join(root, 'a.socket');
  const left = HeldSocket.open(path);
  const held = HeldSocket.open(path);
  assert.equal(statSync(path).mode & 0o777, 0o666);
  held.close();
  assert.ok(!existsSync(path));
  left.close();
});

test('HeldSocket says what it could not listen on and why', () => {
  const path = join(root, 'file');
  writeFileSync(path, '');
  assert.throws(
    () => HeldSocket.open(path),
    /could not listen on ".*file": there is a file of another kind in its place/,
  );
  assert.throws(() => HeldSocket.open('=3'), /HOST:PORT/);
  assert.ok(existsSync(path));
});
