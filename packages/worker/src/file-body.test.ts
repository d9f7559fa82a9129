import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { AppServerRig } from './testing/app-server-rig.ts';
import type { FakeExchange } from './testing/fake-exchange.ts';

const CONTENT = '0123456789'.repeat(200_000);
let directory: string;
let path: string;
let rig: AppServerRig;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'file-body-'));
  path = join(directory, 'content');
  writeFileSync(path, CONTENT);
  rig = await AppServerRig.started('sends_files');
});

after(async () => {
  await rig[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

function get(name: string, variables: Record<string, string> = {}): Promise<FakeExchange> {
  return rig.get({ PATH_INFO: `/${name}`, QUERY_STRING: path, ...variables });
}

test('a large file is sent whole, from where it was positioned, and counted as sendfile', async () => {
  const exchange = await get('wrapped');
  assert.equal(exchange.text, CONTENT);
  assert.equal(exchange.record.via, 'sendfile()');
  assert.equal(exchange.record.switches, 0);
  assert.equal((await get('from_the_middle')).text, CONTENT.slice(1000));
});

test('a small file is sent with the answer', async () => {
  const small = join(directory, 'small');
  writeFileSync(small, 'small content');
  const exchange = await get('wrapped', { QUERY_STRING: small });
  assert.equal(exchange.text, 'small content');
  assert.equal(exchange.record.via, 'sendfile()');
});

test('a file without a name is sent', async () => {
  assert.equal((await get('temporary')).text, 'temporary '.repeat(100_000));
});

test('what only looks like a file is read in blocks', async () => {
  const exchange = await get('in_memory');
  assert.equal(exchange.text, 'memory '.repeat(100_000));
  assert.equal(exchange.record.via, '');
});

test('a file follows what was written before', async () => {
  assert.equal((await get('after_write')).text, `first ${CONTENT}`);
});

test('uwsgi.sendfile sends a file by name', async () => {
  assert.equal((await get('by_name')).text, CONTENT);
});

test('HEAD for a file sends nothing', async () => {
  assert.equal((await get('wrapped', { REQUEST_METHOD: 'HEAD' })).text, '');
});

test('a slow client of a file does not hold the worker', async () => {
  const slow = rig.send({ PATH_INFO: '/wrapped', QUERY_STRING: path });
  slow.takesMore = false;
  await slow.received(1);
  assert.equal((await get('wrapped')).text, CONTENT);
  assert.ok(slow.bodyBytes < CONTENT.length);
  slow.takesMore = true;
  slow.observer?.onDrain();
  await slow.done;
  assert.equal(slow.text, CONTENT);
});

test('a client that goes away in the middle of a file costs nothing', async () => {
  const slow = rig.send({ PATH_INFO: '/wrapped', QUERY_STRING: path });
  slow.takesMore = false;
  await slow.received(1);
  slow.leave();
  assert.equal((await get('wrapped')).text, CONTENT);
});

test('a file that becomes shorter cuts the answer', async () => {
  const shrinking = join(directory, 'shrinking');
  writeFileSync(shrinking, CONTENT);
  const exchange = rig.send({ PATH_INFO: '/wrapped', QUERY_STRING: shrinking });
  exchange.takesMore = false;
  await exchange.received(1);
  truncateSync(shrinking, 10);
  exchange.observer?.onDrain();
  await exchange.done;
  assert.equal(exchange.abortReason, 'the file of the answer cannot be read: the file has become shorter');
});

test('no descriptor is left open in the worker', async () => {
  const before = (await get('open_descriptors')).text;
  for (let i = 0; i < 5; i++) for (const name of ['wrapped', 'temporary', 'by_name']) await get(name);
  assert.equal((await get('open_descriptors')).text, before);
});
