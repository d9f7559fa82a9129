import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { brotliDecompressSync, constants, gunzipSync, zstdDecompressSync } from 'node:zlib';

import { type Answer, header } from '../rig/answer.ts';
import { ask, HttpClient, request } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, repository } from '../rig/subject.ts';
import { workerSpawned } from '../tutorial/expect.ts';

const TEXT = 'all work and no play makes jack a dull boy\n'.repeat(100);

async function start(rig: Rig, ...options: readonly string[]): Promise<number> {
  cpSync(`${repository}test/fixtures/apps/compressible.py`, rig.path('app.py'));
  const port = await rig.port();
  const args = ['--master', '--http-socket', `127.0.0.1:${port}`, '--module', 'app', ...options];
  const vassal = await rig.vassal(args);
  await vassal.waitForLog(workerSpawned);
  return port;
}

const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
  identity: (body) => body,
};

/** What the body was encoded with; fails where it is not the text, or caches are not told. */
function encodingOf(answer: Answer): string {
  const encoding = header(answer, 'Content-Encoding') ?? 'identity';
  assert.equal(DECODERS[encoding]?.(answer.body).toString(), TEXT);
  assert.match(header(answer, 'Vary') ?? '', /Accept-Encoding/);
  return encoding;
}

test('compress gives each client what it likes best, and tells caches', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const port = await start(rig, '--compress');
  for (const [accepted, expected] of [
    ['gzip', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['zstd;q=0.1, gzip;q=0.9', 'gzip'],
    ['*', 'zstd'],
    ['gzip;q=0, *;q=0.5', 'zstd'],
    ['deflate', 'identity'],
    ['gzip;q=0', 'identity'],
    ['identity, gzip;q=0.5', 'identity'],
    ['', 'identity'],
  ] as const) {
    assert.equal(encodingOf(await ask(port, 'GET /', { 'Accept-Encoding': accepted })), expected, accepted);
  }
  assert.equal(encodingOf(await ask(port, 'GET /')), 'identity');
  assert.equal(encodingOf(await ask(port, 'GET /length', { 'Accept-Encoding': 'gzip' })), 'gzip');
  assert.equal(encodingOf(await ask(port, 'GET /json', { 'Accept-Encoding': 'br' })), 'br');
});

test('compress leaves alone what is encoded, small, no text, or not to be touched', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const port = await start(rig, '--compress');
  for (const path of ['/image', '/untouchable', '/small']) {
    const answer = await ask(port, `GET ${path}`, { 'Accept-Encoding': 'gzip' });
    assert.equal(header(answer, 'Content-Encoding'), undefined, path);
  }
  assert.equal(header(await ask(port, 'GET /encoded', { 'Accept-Encoding': 'gzip' }), 'Content-Encoding'), 'x-mine');
});

test(
  'compress weakens tags, drops lengths and offers of ranges, and answers HEAD with the same head',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t);
    const port = await start(rig, '--compress');
    const tagged = await ask(port, 'GET /tagged', { 'Accept-Encoding': 'gzip' });
    assert.deepEqual(
      ['ETag', 'Accept-Ranges', 'Content-Encoding', 'Content-Length'].map((name) => header(tagged, name)),
      ['W/"abc"', undefined, 'gzip', undefined],
    );
    const head = await ask(port, 'HEAD /tagged', { 'Accept-Encoding': 'gzip' });
    assert.deepEqual(
      [header(head, 'ETag'), header(head, 'Content-Encoding'), head.body.length],
      ['W/"abc"', 'gzip', 0],
    );
    assert.equal(
      header(await ask(port, 'GET /varied', { 'Accept-Encoding': 'gzip' }), 'Vary'),
      'Cookie, Accept-Encoding',
    );
  },
);

const UNFINISHED = { finishFlush: constants.Z_SYNC_FLUSH };

test('compress sends what a streaming app has made, while it makes the rest', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const port = await start(rig, '--compress');
  execFileSync('mkfifo', [rig.path('gate')]);
  await using client = await HttpClient.connect(port);
  client.send(request('GET /gate', { 'Accept-Encoding': 'gzip' }));
  const first = await client.received(200);
  const text = first.toString('latin1');
  const chunk = /\r\n\r\n([0-9a-f]+)\r\n/.exec(text);
  const begin = (chunk?.index ?? 0) + (chunk?.[0].length ?? 0);
  const part = first.subarray(begin, begin + Number.parseInt(chunk?.[1] ?? '0', 16));
  assert.equal(gunzipSync(part, UNFINISHED).toString(), TEXT);
  writeFileSync(rig.path('gate'), '');
  assert.equal(gunzipSync((await client.answer()).body).toString(), `${TEXT}after the gate`);
});

test('compress = gzip, its level, types and smallest size are as they are set', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const port = await start(
    rig,
    '--compress=gzip',
    '--compress-level=1',
    '--compress-type=image/*',
    '--compress-min-size=3',
  );
  const accepting = { 'Accept-Encoding': 'zstd, br, gzip' };
  assert.equal(encodingOf(await ask(port, 'GET /', accepting)), 'gzip');
  assert.equal(encodingOf(await ask(port, 'GET /image', accepting)), 'gzip');
  const small = await ask(port, 'GET /small', accepting);
  assert.equal(gunzipSync(small.body).toString(), 'small');
});
