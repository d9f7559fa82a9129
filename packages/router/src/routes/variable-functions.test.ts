import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { evaluate, visit } from './route-rig.test-support.ts';

test('qs[] is the raw value of the first parameter of that name', () => {
  const uri = '/?a=1&b=%41+x&a=2&c&=d';
  assert.equal(evaluate('${qs[a]}|${qs[b]}|${qs[c]}|${qs[A]}|${qs[]}|${qs[zz]}', uri), '1|%41+x||||');
});

test('cookie[] is the value of the first cookie of that name', () => {
  const variables = { HTTP_COOKIE: 'x=1; a=2;sp=x y; a=3' };
  assert.equal(evaluate('${cookie[a]}|${cookie[sp]}|${cookie[A]}|${cookie[x]}', '/', { variables }), '2|x y||1');
  assert.equal(evaluate('${cookie[a]}'), '');
});

test('hex[] and base64[] encode the bytes of a variable', () => {
  assert.equal(evaluate('${hex[PATH_INFO]}|${hex[nope]}', '/', { path: '/\xe9' }), '2FE9|');
  assert.equal(evaluate('${base64[PATH_INFO]}', '/t'), 'L3Q=');
});

test('time[] is the time', () => {
  assert.match(evaluate('${time[unix]}'), /^[0-9]{10}$/);
  assert.match(evaluate('${time[micros]}'), /^[0-9]{16}$/);
  assert.equal(evaluate('${time[foo]}'), '');
});

test('httptime[] is a date so many seconds from now', () => {
  const seconds = (Date.parse(evaluate('${httptime[3600]}')) - Date.now()) / 1000;
  assert.ok(seconds > 3590 && seconds <= 3600, `${seconds}`);
  assert.match(evaluate('${httptime[]}'), /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/);
});

test('uwsgi[] is what the server knows of a request', () => {
  const text = '${uwsgi[wid]}|${uwsgi[pid]}|${uwsgi[status]}|${uwsgi[foo]}';
  assert.equal(evaluate(text), `0|${process.pid}|500|`);
  const settings = { nextWorker: () => ({ id: 7, pid: 4711 }) };
  assert.equal(evaluate(text, '/', { settings }), '7|4711|500|');
  assert.match(evaluate('${uwsgi[uuid]}'), /^[0-9a-f-]{36}$/);
  const { exchange } = visit(['response-route-run = addheader:X: ${uwsgi[status]}'], '/', { status: 404 });
  assert.equal(exchange.header('X'), '404');
});

test('mime[] is the content type of the file a variable names', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'mime-'));
  const mimeFile = path.join(directory, 'mime.types');
  writeFileSync(mimeFile, 'text/x-test tst\n');
  const settings = { mimeFiles: [mimeFile] };
  assert.equal(evaluate('${mime[PATH_INFO]}|${mime[nope]}', '/a.tst', { settings }), 'text/x-test|');
  rmSync(directory, { recursive: true });
});
