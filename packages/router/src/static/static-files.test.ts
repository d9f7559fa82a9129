import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';

import * as fc from 'fast-check';

import { FakeExchange } from '../routes/fake-exchange.test-support.ts';
import { createStaticFiles } from './static-files.ts';
import { StaticOptionError } from './static-options.ts';
import { CHECK, CSS, LAST_MODIFIED, StaticSite } from './static-site.test-support.ts';

const site = new StaticSite();

after(() => site.remove());

test('createStaticFiles makes nothing when no option asks for files', () => {
  assert.equal(
    createStaticFiles({ 'static-gzip-all': true }, site.base, () => {}),
    undefined,
  );
});

test('createStaticFiles says what it was told and where types come from', () => {
  const options = { ...CHECK, 'static-map': ['/m=static'], 'mime-file': [path.join(site.base, 'mime.types')] };
  assert.deepEqual(createStaticFiles(options, site.base, () => {})?.notices, [
    '[uwsgi-static] added mapping for /m => static',
    '[uwsgi-static] added check for static/',
    `building mime-types dictionary from file ${site.base}/mime.types...4 entry found`,
  ]);
});

test('createStaticFiles refuses a map without a directory', () => {
  assert.throws(() => createStaticFiles({ 'static-map': ['bad'] }, site.base, () => {}), StaticOptionError);
});

test('a static file is answered with exactly uWSGI’s headers', () => {
  const { handled, exchange } = site.ask(CHECK, { uri: '/base.css?x=1' });
  assert.equal(handled, true);
  assert.equal(exchange.head, `200 OK\nContent-Type: text/css\nContent-Length: 78\nLast-Modified: ${LAST_MODIFIED}\n`);
  assert.equal(exchange.text, CSS);
  assert.equal(exchange.headerCount, 3);
  assert.equal(exchange.headBytes, 109);
});

test('a static file without a known extension has no type', () => {
  const { exchange } = site.ask(CHECK, { uri: '/noext' });
  assert.equal(exchange.head, `200 OK\nContent-Length: 1\nLast-Modified: ${LAST_MODIFIED}\n`);
});

test('a static file is sent by offloading when there are offload threads, else by sendfile', () => {
  assert.equal(site.ask({ ...CHECK, 'offload-threads': 1 }, { uri: '/noext' }).exchange.record.via, 'offload()');
  assert.equal(site.ask(CHECK, { uri: '/noext' }).exchange.record.via, 'sendfile()');
});

test('HEAD of a static file gets the head only', () => {
  const { exchange } = site.ask(CHECK, { method: 'HEAD', uri: '/base.css' });
  assert.equal(exchange.head, `200 OK\nContent-Type: text/css\nContent-Length: 78\nLast-Modified: ${LAST_MODIFIED}\n`);
  assert.equal(exchange.text, '');
  assert.equal(exchange.bodyBytes, 0);
  assert.equal(exchange.record.via, '');
});

test('a static file with blanks and letters beyond ASCII in its name is found', () => {
  const name = Buffer.from('/with space+é.txt', 'utf8').toString('latin1');
  assert.equal(site.ask(CHECK, { uri: '/x', path: name }).exchange.text, 'spaced');
});

test('a big static file is streamed', async () => {
  const { handled, exchange } = site.ask(CHECK, { uri: '/big.bin' });
  assert.equal(handled, true);
  await exchange.whenFinished;
  assert.equal(exchange.sentBody.length, 300_000);
  assert.equal(exchange.header('content-length'), '300000');
});

for (const [what, request] of [
  ['another method', { method: 'POST', uri: '/base.css' }],
  ['a missing file', { uri: '/missing.css' }],
  ['a directory', { uri: '/dir' }],
  ['a directory without an index', { uri: '/dir/' }],
  ['a file with a slash behind it', { uri: '/ten.txt/' }],
  ['a NUL behind a name', { uri: '/x', path: '/base.css\0x' }],
  ['a FIFO', { uri: '/fifo' }],
  ['a name that was encoded twice', { uri: '/x', path: '/%2e%2e/secret.txt' }],
  ['a backslash', { uri: '/x', path: '/..\\secret.txt' }],
  ['a name that is no UTF-8', { uri: '/x', path: '/base.css\u00ff' }],
  ['a name that is too long', { uri: `/${'x'.repeat(5000)}` }],
] as const) {
  test(`static files pass on a request for ${what}`, () => {
    assert.equal(site.ask({ ...CHECK, 'static-index': ['index.html'] }, request).handled, false);
  });
}

for (const [what, requested, real] of [
  ['a link that leads outside', '/out.txt', 'secret.txt'],
  ['dots that lead outside', '/../secret.txt', 'secret.txt'],
  ['a directory whose name begins like the root’s', '/../static-evil/secret', 'static-evil/secret'],
  ['a directory whose name begins like the root’s, without a slash', '-evil/secret', undefined],
] as const) {
  test(`static files refuse ${what}`, () => {
    const { handled, lines } = site.ask(CHECK, { uri: '/x', path: requested });
    assert.equal(handled, false);
    const expected =
      real === undefined
        ? []
        : [`[uwsgi-fileserve] security error: ${site.base}/${real} is not under ${site.base}/static or a safe path`];
    assert.deepEqual(lines, expected);
  });
}

test('a mapped prefix does not lead into a directory whose name begins like its own', () => {
  const { handled } = site.ask(
    { 'static-map': ['/assets=static'] },
    { uri: '/x', path: '/assets../static-evil/secret' },
  );
  assert.equal(handled, false);
});

test('static-safe names directories that links may lead to', () => {
  assert.equal(site.ask({ ...CHECK, 'static-safe': ['safe'] }, { uri: '/safe.txt' }).exchange.text, 'safe');
  assert.equal(site.ask({ ...CHECK, 'static-safe': ['safe'] }, { uri: '/out.txt' }).handled, false);
});

test('whatever the path, static files never send a byte from outside of their root', () => {
  const piece = fc.constantFrom(
    '..',
    '.',
    '',
    'static',
    'static-evil',
    'secret.txt',
    'secret',
    'out.txt',
    'sub',
    '\0',
    '%2e',
    '\\',
    'base.css',
  );
  const lines: string[] = [];
  const options = {
    'static-map': ['/m=static'],
    'check-static': ['static'],
    'mime-file': [path.join(site.base, 'mime.types')],
  };
  const files = createStaticFiles(options, site.base, (line) => lines.push(line)) ?? assert.fail();
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.constantFrom('/', '/m', '', '/m/'), (pieces, prefix) => {
      const exchange = new FakeExchange({ uri: '/x', path: prefix + pieces.join('/') });
      files.handler.handle(exchange);
      assert.ok(!exchange.text.includes('SECRET'), prefix + pieces.join('/'));
    }),
    { numRuns: 500 },
  );
});

for (const [map, requested, body] of [
  ['/m=static', '/m/ten.txt', '0123456789'],
  ['/m=static/', '/m/ten.txt', '0123456789'],
  ['/m/=static/', '/m/ten.txt', '0123456789'],
  ['/m=static', '/mten.txt', '0123456789'],
  ['/one=static/ten.txt', '/one', '0123456789'],
  ['/one=static/ten.txt', '/one/x', '0123456789'],
  ['/m=static', '/n/ten.txt', ''],
  ['/m/=static', '/m', ''],
] as const) {
  test(`static-map ${map} makes of ${requested}: "${body}"`, () => {
    assert.equal(site.ask({ 'static-map': [map] }, { uri: requested }).exchange.text, body);
  });
}

test('static-map2 appends the whole path', () => {
  assert.equal(site.ask({ 'static-map2': ['/sub=static'] }, { uri: '/sub/index.html' }).exchange.text, '<p>');
});

test('check-static-docroot looks below the document root of the request', () => {
  const variables = { DOCUMENT_ROOT: path.join(site.base, 'static') };
  assert.equal(site.ask({ 'check-static-docroot': true }, { uri: '/ten.txt', variables }).exchange.text, '0123456789');
  assert.equal(site.ask({ 'check-static-docroot': true }, { uri: '/ten.txt' }).handled, false);
});

test('of several directories the first that has the file is used', () => {
  assert.equal(site.ask({ 'check-static': ['safe', 'static'] }, { uri: '/ten.txt' }).exchange.text, '0123456789');
});

test('static-skip-ext passes files on by the end of their name', () => {
  assert.equal(site.ask({ ...CHECK, 'static-skip-ext': ['.txt'] }, { uri: '/ten.txt' }).handled, false);
});

test('static-index serves a directory', () => {
  const { exchange } = site.ask({ ...CHECK, 'static-index': ['main.html', 'index.html'] }, { uri: '/sub/' });
  assert.equal(exchange.text, '<p>');
  assert.equal(exchange.header('content-type'), 'text/html');
});

test('static-index sends who left the slash out to the directory', () => {
  const { exchange } = site.ask({ ...CHECK, 'static-index': ['index.html'] }, { uri: '/sub?a=b' });
  assert.equal(exchange.head, '301 Moved Permanently\nLocation: /sub/?a=b\nContent-Type: text/plain\n');
});

test('a redirect to a directory never leads to another host', () => {
  const options = { ...CHECK, 'static-index': ['index.html'] };
  for (const requested of ['//sub', '///sub', '/\\/../sub']) {
    const { exchange } = site.ask(options, { uri: '/x', path: requested });
    if (exchange.sent !== undefined) assert.match(exchange.header('location') ?? '', /^\/[^/\\]/);
  }
});
