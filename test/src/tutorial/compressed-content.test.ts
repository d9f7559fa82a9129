import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';

import { header } from '../rig/answer.ts';
import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { assertAnswer } from './expect.ts';
import { startListing, styleSheet } from './project.ts';

const modified = new Date('2026-11-22T15:19:56Z');

async function startWithTwins(rig: Rig, ...extensions: readonly string[]): Promise<number> {
  const { port } = await startListing(rig, 'compressed-content');
  for (const extension of extensions) {
    const path = rig.write(
      `static/base.css.${extension}`,
      extension === 'gz' ? gzipSync(styleSheet) : `as ${extension}`,
    );
    utimesSync(path, modified, modified);
  }
  return port;
}

test('static-gzip-all sends the .gz twin to who takes gzip, with the type of the file and the date of the twin', async (t) => {
  await using rig = Rig.open(t);
  const port = await startWithTwins(rig, 'gz');
  const twin = gzipSync(styleSheet);
  const answer = await ask(port, 'GET /base.css', { 'Accept-Encoding': 'gzip, deflate' });
  assertAnswer(answer, {
    statusLine: 'HTTP/1.1 200 OK',
    headers: [
      'Content-Encoding: gzip',
      'Content-Type: text/css',
      `Content-Length: ${twin.length}`,
      'Last-Modified: Sun, 22 Nov 2026 15:19:56 GMT',
    ],
    body: twin,
  });
  assert.deepEqual(gunzipSync(answer.body), styleSheet);
});

test('static-gzip-all sends the file itself to who does not take gzip', async (t) => {
  await using rig = Rig.open(t);
  const port = await startWithTwins(rig, 'gz');
  for (const headers of [{}, { 'Accept-Encoding': 'identity' }]) {
    const answer = await ask(port, 'GET /base.css', headers);
    assert.equal(header(answer, 'Content-Encoding'), undefined);
    assert.deepEqual(answer.body, styleSheet);
  }
});

test('static-gzip-all sends the file itself where there is no twin', async (t) => {
  await using rig = Rig.open(t);
  const port = await startWithTwins(rig);
  const answer = await ask(port, 'GET /base.css', { 'Accept-Encoding': 'gzip' });
  assert.equal(header(answer, 'Content-Encoding'), undefined);
  assert.deepEqual(answer.body, styleSheet);
});

test('static-gzip-all prefers the .br twin where the client takes both', async (t) => {
  await using rig = Rig.open(t);
  const port = await startWithTwins(rig, 'gz', 'br');
  const answer = await ask(port, 'GET /base.css', { 'Accept-Encoding': 'gzip, br' });
  assert.equal(header(answer, 'Content-Encoding'), 'br');
  assert.equal(header(answer, 'Content-Type'), 'text/css');
  assert.equal(answer.body.toString(), 'as br');
});

test('static-gzip-all knows .zst twins', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const port = await startWithTwins(rig, 'gz', 'zst');
  const answer = await ask(port, 'GET /base.css', { 'Accept-Encoding': 'zstd' });
  assert.equal(header(answer, 'Content-Encoding'), 'zstd');
  assert.equal(answer.body.toString(), 'as zst');
});

test('static-gzip-all heeds what a client refuses, and tells caches that the answer varies', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const port = await startWithTwins(rig, 'gz');
  const refused = await ask(port, 'GET /base.css', { 'Accept-Encoding': 'gzip;q=0' });
  assert.equal(header(refused, 'Content-Encoding'), undefined);
  assert.match(header(refused, 'Vary') ?? '', /Accept-Encoding/i);
  const taken = await ask(port, 'GET /base.css', { 'Accept-Encoding': 'gzip' });
  assert.match(header(taken, 'Vary') ?? '', /Accept-Encoding/i);
});

test('a .gz file that is asked for itself is served as it is', async (t) => {
  await using rig = Rig.open(t);
  const port = await startWithTwins(rig, 'gz');
  const answer = await ask(port, 'GET /base.css.gz', { 'Accept-Encoding': 'gzip' });
  assert.equal(header(answer, 'Content-Encoding'), undefined);
  assert.equal(header(answer, 'Content-Type'), 'application/gzip');
  assert.deepEqual(gunzipSync(answer.body), styleSheet);
});
