import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import * as fc from 'fast-check';

import { type FakeRequest, FakeExchange } from '../routes/fake-exchange.test-support.ts';
import { createStaticFiles } from './static-files.ts';
import { StaticOptionError, type StaticOptions } from './static-options.ts';

const CSS = 'html { box-sizing: border-box }\n*, *:before, *:after { box-sizing: inherit; }\n';
const MODIFIED = 1_795_368_401;
const LAST_MODIFIED = 'Sun, 22 Nov 2026 17:26:41 GMT';

let base = '';

function write(name: string, content: string | Buffer): void {
  const file = path.join(base, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  utimesSync(file, MODIFIED, MODIFIED);
}

before(() => {
  base = realpathSync(mkdtempSync(path.join(tmpdir(), 'emperor-static-')));
  write('static/base.css', CSS);
  write('static/base.css.gz', gzipSync(CSS));
  write('static/both.js', 'js');
  write('static/both.js.gz', 'as gzip');
  write('static/both.js.br', 'as br');
  write('static/both.js.zst', 'as zstd');
  write('static/ten.txt', '0123456789');
  write('static/noext', 'x');
  write('static/empty.txt', '');
  write('static/sub/index.html', '<p>');
  write('static/dir/nothing', '');
  write('static/with space+é.txt', 'spaced');
  write('static/big.bin', 'b'.repeat(300_000));
  write('static-evil/secret', 'SECRET');
  write('safe/inside.txt', 'safe');
  write('secret.txt', 'SECRET');
  symlinkSync('../secret.txt', path.join(base, 'static/out.txt'));
  symlinkSync('../safe/inside.txt', path.join(base, 'static/safe.txt'));
  execFileSync('mkfifo', [path.join(base, 'static/fifo')]);
  write('mime.types', 'text/css css\ntext/plain txt\ntext/html html\ntext/javascript js\n');
});

after(() => {
  rmSync(base, { recursive: true });
});

interface Outcome {
  readonly handled: boolean;
  readonly exchange: FakeExchange;
  readonly lines: readonly string[];
}

/** Sends one request through a handler with the given options; the mime types are those of the test. */
function ask(options: StaticOptions, request: FakeRequest): Outcome {
  const lines: string[] = [];
  const given = { 'mime-file': [path.join(base, 'mime.types')], ...options };
  const files = createStaticFiles(given, base, (line) => lines.push(line)) ?? assert.fail('no handler');
  const exchange = new FakeExchange(request);
  return { handled: files.handler.handle(exchange), exchange, lines };
}

const CHECK: StaticOptions = { 'check-static': ['static/'] };

test('createStaticFiles makes nothing when no option asks for files', () => {
  assert.equal(
    createStaticFiles({ 'static-gzip-all': true }, base, () => {}),
    undefined,
  );
});

test('createStaticFiles says what it was told and where types come from', () => {
  const options = { ...CHECK, 'static-map': ['/m=static'], 'mime-file': [path.join(base, 'mime.types')] };
  assert.deepEqual(createStaticFiles(options, base, () => {})?.notices, [
    '[uwsgi-static] added mapping for /m => static',
    '[uwsgi-static] added check for static/',
    `building mime-types dictionary from file ${base}/mime.types...4 entry found`,
  ]);
});

test('createStaticFiles refuses a map without a directory', () => {
  assert.throws(() => createStaticFiles({ 'static-map': ['bad'] }, base, () => {}), StaticOptionError);
});

test('a static file is answered with exactly uWSGI’s headers', () => {
  const { handled, exchange } = ask(CHECK, { uri: '/base.css?x=1' });
  assert.equal(handled, true);
  assert.equal(exchange.head, `200 OK\nContent-Type: text/css\nContent-Length: 78\nLast-Modified: ${LAST_MODIFIED}\n`);
  assert.equal(exchange.text, CSS);
  assert.equal(exchange.headerCount, 3);
  assert.equal(exchange.headBytes, 109);
});

test('a static file without a known extension has no type', () => {
  const { exchange } = ask(CHECK, { uri: '/noext' });
  assert.equal(exchange.head, `200 OK\nContent-Length: 1\nLast-Modified: ${LAST_MODIFIED}\n`);
});

test('a static file is sent by offloading when there are offload threads, else by sendfile', () => {
  assert.equal(ask({ ...CHECK, 'offload-threads': 1 }, { uri: '/noext' }).exchange.record.via, 'offload()');
  assert.equal(ask(CHECK, { uri: '/noext' }).exchange.record.via, 'sendfile()');
});

test('HEAD of a static file gets the head only', () => {
  const { exchange } = ask(CHECK, { method: 'HEAD', uri: '/base.css' });
  assert.equal(exchange.head, `200 OK\nContent-Type: text/css\nContent-Length: 78\nLast-Modified: ${LAST_MODIFIED}\n`);
  assert.equal(exchange.text, '');
  assert.equal(exchange.bodyBytes, 0);
  assert.equal(exchange.record.via, '');
});

test('a static file with blanks and letters beyond ASCII in its name is found', () => {
  const name = Buffer.from('/with space+é.txt', 'utf8').toString('latin1');
  assert.equal(ask(CHECK, { uri: '/x', path: name }).exchange.text, 'spaced');
});

test('a big static file is streamed', async () => {
  const { handled, exchange } = ask(CHECK, { uri: '/big.bin' });
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
    assert.equal(ask({ ...CHECK, 'static-index': ['index.html'] }, request).handled, false);
  });
}

for (const [what, requested, real] of [
  ['a link that leads outside', '/out.txt', 'secret.txt'],
  ['dots that lead outside', '/../secret.txt', 'secret.txt'],
  ['a directory whose name begins like the root’s', '/../static-evil/secret', 'static-evil/secret'],
  ['a directory whose name begins like the root’s, without a slash', '-evil/secret', undefined],
] as const) {
  test(`static files refuse ${what}`, () => {
    const { handled, lines } = ask(CHECK, { uri: '/x', path: requested });
    assert.equal(handled, false);
    const expected =
      real === undefined
        ? []
        : [`[uwsgi-fileserve] security error: ${base}/${real} is not under ${base}/static or a safe path`];
    assert.deepEqual(lines, expected);
  });
}

test('a mapped prefix does not lead into a directory whose name begins like its own', () => {
  const { handled } = ask({ 'static-map': ['/assets=static'] }, { uri: '/x', path: '/assets../static-evil/secret' });
  assert.equal(handled, false);
});

test('static-safe names directories that links may lead to', () => {
  assert.equal(ask({ ...CHECK, 'static-safe': ['safe'] }, { uri: '/safe.txt' }).exchange.text, 'safe');
  assert.equal(ask({ ...CHECK, 'static-safe': ['safe'] }, { uri: '/out.txt' }).handled, false);
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
    'mime-file': [path.join(base, 'mime.types')],
  };
  const files = createStaticFiles(options, base, (line) => lines.push(line)) ?? assert.fail();
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
    assert.equal(ask({ 'static-map': [map] }, { uri: requested }).exchange.text, body);
  });
}

test('static-map2 appends the whole path', () => {
  assert.equal(ask({ 'static-map2': ['/sub=static'] }, { uri: '/sub/index.html' }).exchange.text, '<p>');
});

test('check-static-docroot looks below the document root of the request', () => {
  const variables = { DOCUMENT_ROOT: path.join(base, 'static') };
  assert.equal(ask({ 'check-static-docroot': true }, { uri: '/ten.txt', variables }).exchange.text, '0123456789');
  assert.equal(ask({ 'check-static-docroot': true }, { uri: '/ten.txt' }).handled, false);
});

test('of several directories the first that has the file is used', () => {
  assert.equal(ask({ 'check-static': ['safe', 'static'] }, { uri: '/ten.txt' }).exchange.text, '0123456789');
});

test('static-skip-ext passes files on by the end of their name', () => {
  assert.equal(ask({ ...CHECK, 'static-skip-ext': ['.txt'] }, { uri: '/ten.txt' }).handled, false);
});

test('static-index serves a directory', () => {
  const { exchange } = ask({ ...CHECK, 'static-index': ['main.html', 'index.html'] }, { uri: '/sub/' });
  assert.equal(exchange.text, '<p>');
  assert.equal(exchange.header('content-type'), 'text/html');
});

test('static-index sends who left the slash out to the directory', () => {
  const { exchange } = ask({ ...CHECK, 'static-index': ['index.html'] }, { uri: '/sub?a=b' });
  assert.equal(exchange.head, '301 Moved Permanently\nLocation: /sub/?a=b\nContent-Type: text/plain\n');
});

test('a redirect to a directory never leads to another host', () => {
  const options = { ...CHECK, 'static-index': ['index.html'] };
  for (const requested of ['//sub', '///sub', '/\\/../sub']) {
    const { exchange } = ask(options, { uri: '/x', path: requested });
    if (exchange.sent !== undefined) assert.match(exchange.header('location') ?? '', /^\/[^/\\]/);
  }
});

test('If-Modified-Since gets 304 without a header', () => {
  const { exchange } = ask(CHECK, { uri: '/base.css', variables: { HTTP_IF_MODIFIED_SINCE: LAST_MODIFIED } });
  assert.equal(exchange.head, '304 Not Modified\n');
  assert.equal(exchange.record.via, '');
});

test('static-etag sends a strong tag that conditions may quote', () => {
  const options = { ...CHECK, 'static-etag': true };
  const etag = ask(options, { uri: '/ten.txt' }).exchange.header('etag') ?? '';
  assert.match(etag, /^"[0-9a-f]+-a"$/);
  const { exchange } = ask(options, { uri: '/ten.txt', variables: { HTTP_IF_NONE_MATCH: etag } });
  assert.equal(exchange.head, `304 Not Modified\nETag: ${etag}\n`);
  assert.equal(ask(options, { uri: '/ten.txt', variables: { HTTP_IF_MATCH: '"x"' } }).exchange.status, 412);
});

const RANGES: StaticOptions = { ...CHECK, 'honour-range': true };

test('a range is ignored unless honour-range is set', () => {
  assert.equal(ask(CHECK, { uri: '/ten.txt', variables: { HTTP_RANGE: 'bytes=2-4' } }).exchange.status, 200);
});

test('a range of a small file is sent as uWSGI does', () => {
  const { exchange } = ask(RANGES, { uri: '/ten.txt', variables: { HTTP_RANGE: 'bytes=2-4' } });
  assert.equal(
    exchange.head,
    `206 Partial Content\nContent-Type: text/plain\nContent-Length: 3\nContent-Range: bytes 2-4/10\nLast-Modified: ${LAST_MODIFIED}\n`,
  );
  assert.equal(exchange.text, '234');
});

test('a range of a big file is streamed', async () => {
  const { exchange } = ask(RANGES, { uri: '/big.bin', variables: { HTTP_RANGE: 'bytes=100000-299998' } });
  await exchange.whenFinished;
  assert.equal(exchange.sentBody.length, 199_999);
});

for (const uri of ['/ten.txt', '/big.bin']) {
  test(`several ranges of ${uri} are sent as parts`, async () => {
    const { exchange } = ask(RANGES, { uri, variables: { HTTP_RANGE: 'bytes=0-1,4-5' } });
    await exchange.whenFinished;
    const boundary =
      /^multipart\/byteranges; boundary=(\w+)$/.exec(exchange.header('content-type') ?? '')?.[1] ?? assert.fail();
    assert.equal(exchange.header('content-length'), String(exchange.text.length));
    const parts = exchange.text.split(`--${boundary}`);
    assert.equal(parts.length, 4);
    assert.match(parts[1] ?? '', /\r\nContent-Range: bytes 0-1\/\d+\r\n\r\n(?:01|bb)\r\n$/);
    assert.match(parts[2] ?? '', /\r\nContent-Range: bytes 4-5\/\d+\r\n\r\n(?:45|bb)\r\n$/);
    assert.equal(parts[3], '--\r\n');
  });
}

test('a range that lies behind the end gets 416', () => {
  const { exchange } = ask(RANGES, { uri: '/ten.txt', variables: { HTTP_RANGE: 'bytes=20-' } });
  assert.equal(exchange.head, '416 Requested Range Not Satisfiable\nContent-Range: bytes */10\n');
});

test('a range is dropped when If-Range names another state of the file', () => {
  const variables = { HTTP_RANGE: 'bytes=2-4', HTTP_IF_RANGE: 'Sun, 22 Nov 2026 17:26:40 GMT' };
  assert.equal(ask(RANGES, { uri: '/ten.txt', variables }).exchange.text, '0123456789');
});

test('a range of HEAD is ignored', () => {
  const { exchange } = ask(RANGES, { method: 'HEAD', uri: '/ten.txt', variables: { HTTP_RANGE: 'bytes=2-4' } });
  assert.equal(exchange.status, 200);
});

const GZIP: StaticOptions = { ...CHECK, 'static-gzip-all': true };

test('static-gzip-all sends the compressed twin, with its own length and date and the type of the file', () => {
  const { exchange } = ask(GZIP, { uri: '/base.css', variables: { HTTP_ACCEPT_ENCODING: 'gzip, deflate' } });
  assert.equal(
    exchange.head,
    `200 OK\nContent-Encoding: gzip\nContent-Type: text/css\nContent-Length: ${gzipSync(CSS).length}\n` +
      `Last-Modified: ${LAST_MODIFIED}\nVary: Accept-Encoding\n`,
  );
  assert.ok(exchange.sentBody.equals(gzipSync(CSS)));
});

for (const [accept, body] of [
  ['gzip, deflate, br, zstd', 'as br'],
  ['gzip', 'as gzip'],
  ['zstd, gzip', 'as zstd'],
  ['br;q=0.5, gzip', 'as gzip'],
  ['br;q=0, gzip;q=0, *', 'as zstd'],
  ['gzip;q=0', 'js'],
  ['identity', 'js'],
  ['gzip;q=0.5, identity', 'js'],
  [undefined, 'js'],
] as const) {
  test(`static-gzip-all sends ${body} to who accepts ${accept}`, () => {
    const variables: Record<string, string> = accept === undefined ? {} : { HTTP_ACCEPT_ENCODING: accept };
    const { exchange } = ask(GZIP, { uri: '/both.js', variables });
    assert.equal(exchange.text, body);
    assert.equal(exchange.header('vary'), 'Accept-Encoding');
  });
}

test('a file without compressed twins does not vary', () => {
  assert.equal(
    ask(GZIP, { uri: '/ten.txt', variables: { HTTP_ACCEPT_ENCODING: 'gzip' } }).exchange.header('vary'),
    undefined,
  );
});

test('a compressed file that is asked for by name is sent as it is', () => {
  const { exchange } = ask(GZIP, { uri: '/base.css.gz', variables: { HTTP_ACCEPT_ENCODING: 'gzip' } });
  assert.equal(exchange.header('content-encoding'), undefined);
});

for (const [options, applies] of [
  [{ 'static-gzip-ext': ['.css'] }, true],
  [{ 'static-gzip-suffix': ['.js'] }, false],
  [{ 'static-gzip': ['base\\.css$'] }, true],
  [{ 'static-gzip': ['^nothing'] }, false],
  [{}, false],
] as const) {
  test(`${JSON.stringify(options)} ${applies ? 'applies' : 'does not apply'} to base.css`, () => {
    const { exchange } = ask(
      { ...CHECK, ...options },
      { uri: '/base.css', variables: { HTTP_ACCEPT_ENCODING: 'gzip' } },
    );
    assert.equal(exchange.header('content-encoding'), applies ? 'gzip' : undefined);
  });
}

test('static-gzip-dir applies to files below the directory', () => {
  const options = { ...CHECK, 'static-gzip-dir': [path.join(base, 'static')] };
  const { exchange } = ask(options, { uri: '/base.css', variables: { HTTP_ACCEPT_ENCODING: 'gzip' } });
  assert.equal(exchange.header('content-encoding'), 'gzip');
});

test('static-expires by pattern stands before the type, by type behind it', () => {
  const byPattern = ask({ ...CHECK, 'static-expires-mtime': ['ten.* 60'] }, { uri: '/ten.txt' }).exchange;
  assert.match(byPattern.head, /^200 OK\nExpires: Sun, 22 Nov 2026 17:27:41 GMT\nContent-Type: text\/plain\n/);
  const byType = ask({ ...CHECK, 'static-expires-type-mtime': ['text/css=3600'] }, { uri: '/base.css' }).exchange;
  assert.match(byType.head, /^200 OK\nContent-Type: text\/css\nExpires: Sun, 22 Nov 2026 18:26:41 GMT\nContent-Length/);
});

test('static-expires-uri and static-expires-path-info look at the request and count from now', () => {
  for (const option of ['static-expires-uri', 'static-expires-path-info'] as const) {
    const { exchange } = ask({ ...CHECK, [option]: ['^/noext 10'] }, { uri: '/noext' });
    const seconds = Date.parse(exchange.header('expires') ?? '') / 1000 - Date.now() / 1000;
    assert.ok(seconds > 8 && seconds <= 10, `${seconds}`);
  }
});

test('static-expires that cannot be read is refused', () => {
  assert.throws(() => ask({ ...CHECK, 'static-expires': ['nothing'] }, {}), StaticOptionError);
  assert.throws(() => ask({ ...CHECK, 'static-expires-type': ['text/css'] }, {}), StaticOptionError);
  assert.throws(() => ask({ ...CHECK, 'static-expires': ['( 10'] }, {}), StaticOptionError);
});

test('file-serve-mode leaves the file to the server in front', () => {
  for (const [mode, name] of [
    ['nginx', 'X-Accel-Redirect'],
    ['x-accel-redirect', 'X-Accel-Redirect'],
    ['x-sendfile', 'X-Sendfile'],
    ['xsendfile', 'X-Sendfile'],
  ] as const) {
    const { exchange } = ask({ ...CHECK, 'file-serve-mode': mode }, { uri: '/base.css' });
    const file = path.join(base, 'static/base.css');
    assert.equal(exchange.head, `200 OK\nContent-Type: text/css\n${name}: ${file}\nLast-Modified: ${LAST_MODIFIED}\n`);
    assert.deepEqual([exchange.text, exchange.record.via], ['', '']);
  }
  assert.equal(ask({ ...CHECK, 'file-serve-mode': 'apache' }, { uri: '/base.css' }).exchange.text, CSS);
});
