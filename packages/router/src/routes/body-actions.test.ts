import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { complaintsOf, visit, type Visit } from './route-rig.test-support.ts';

const PAGE: Visit = { headers: ['Content-Length', '18'], body: 'at ${PATH_INFO} $1' };

/** With the whole body known, and not. */
const WAYS = [{ ...PAGE }, { ...PAGE, streams: true }];

function directoryOf(t: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'emperor-tofile-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

test('template: replaces what the body refers to, and counts what goes out', () => {
  for (const option of ['route', 'response-route'])
    for (const way of WAYS) {
      const { exchange } = visit([`${option} = ^/(.*) template:`], '/here', way);
      assert.equal(exchange.text, 'at /here ');
      assert.equal(exchange.bodyBytes, 9);
      assert.equal(exchange.header('Content-Length'), undefined, 'not that of the app');
    }
});

test('template: says nothing of a function that a body makes up', () => {
  const { exchange, log } = visit(['route-run = template:'], '/', { ...PAGE, body: '<${nothing[x]}>' });
  assert.equal(exchange.text, '<>');
  assert.deepEqual(log, []);
});

test('template: cuts a body that it would have to hold for too long', () => {
  const body = 'x'.repeat(9 * 1024 * 1024);
  const { exchange } = visit(['route-run = template:'], '/', { headers: [], body, streams: true });
  assert.match(exchange.complaints.join(), /template: holds a body of at most 8388608 bytes/);
  assert.ok(exchange.isCut);
});

test('toupper: writes letters as capitals, and leaves other bytes alone', () => {
  for (const way of WAYS) {
    const { exchange } = visit(['route-run = toupper:'], '/', { ...way, body: 'a\xe4z{1}' });
    assert.equal(exchange.text, 'A\xe4Z{1}');
  }
});

test('body actions come in the order of the rules, and compression behind them', async () => {
  for (const option of ['route-run', 'response-route-run']) {
    const rules = ['gzip:', 'template:', 'toupper:'].map((action) => `${option} = ${action}`).toReversed();
    const { exchange } = visit(rules, '/here', { ...PAGE, variables: { HTTP_ACCEPT_ENCODING: 'gzip' } });
    await exchange.whenFinished;
    assert.equal(gunzipSync(exchange.sentBody).toString(), 'AT /here ', option);
  }
});

test('body actions leave alone what is compressed already', () => {
  const { exchange } = visit(['route-run = toupper:'], '/', { headers: ['Content-Encoding', 'br'], body: 'coded' });
  assert.equal(exchange.text, 'coded');
});

test('tofile: keeps the body under its name', async (t) => {
  const directory = directoryOf(t);
  for (const [index, way] of WAYS.entries()) {
    const { exchange } = visit([`route = ^/(.*) tofile:filename=${directory}/$1-${index}`], '/page', way);
    await exchange.whenFinished;
    assert.equal(exchange.text, PAGE.body);
    assert.equal(readFileSync(path.join(directory, `page-${index}`), 'latin1'), PAGE.body);
  }
  assert.deepEqual(readdirSync(directory), ['page-0', 'page-1']);
});

test('tofile: leaves nothing of an answer without its end', async (t) => {
  const directory = directoryOf(t);
  const { exchange } = visit([`route-run = tofile:filename=${directory}/page`], '/', { method: 'HEAD' });
  await exchange.whenFinished;
  assert.deepEqual(readdirSync(directory), []);
});

test('tofile: says what cannot be written, and the answer goes out', async (t) => {
  const directory = directoryOf(t);
  const { exchange, log } = visit([`route-run = tofile:filename=${directory}/none/page`], '/', PAGE);
  await exchange.whenFinished;
  assert.equal(exchange.text, PAGE.body);
  assert.match(log.join('\n'), /^\[uwsgi-route\] cannot write the answer to .*none\/page: ENOENT.*$/);
});

test('tofile: writes nowhere else because a request says so', () => {
  const { exchange, log } = visit(['route-run = tofile:filename=/none/${qs[f]}'], '/?f=../etc/passwd', PAGE);
  assert.equal(exchange.text, PAGE.body);
  assert.match(log.join(), /"\/none\/\$\{qs\[f\]\}" leads elsewhere: nothing is written/);
});

test('tofile: needs a name', () => {
  assert.match(
    complaintsOf('route-run = tofile:').join(),
    /invalid tofile route syntax, you need to specify a filename/,
  );
});
