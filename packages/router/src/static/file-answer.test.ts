import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { StaticOptionError, type StaticOptions } from './static-options.ts';
import { CHECK, CSS, LAST_MODIFIED, StaticSite } from './static-site.test-support.ts';

const site = new StaticSite();

after(() => site.remove());

test('If-Modified-Since gets 304 without a header', () => {
  const { exchange } = site.ask(CHECK, { uri: '/base.css', variables: { HTTP_IF_MODIFIED_SINCE: LAST_MODIFIED } });
  assert.equal(exchange.head, '304 Not Modified\n');
  assert.equal(exchange.record.via, '');
});

test('static-etag sends a strong tag that conditions may quote', () => {
  const options = { ...CHECK, 'static-etag': true };
  const etag = site.ask(options, { uri: '/ten.txt' }).exchange.header('etag') ?? '';
  assert.match(etag, /^"[0-9a-f]+-a"$/);
  const { exchange } = site.ask(options, { uri: '/ten.txt', variables: { HTTP_IF_NONE_MATCH: etag } });
  assert.equal(exchange.head, `304 Not Modified\nETag: ${etag}\n`);
  assert.equal(site.ask(options, { uri: '/ten.txt', variables: { HTTP_IF_MATCH: '"x"' } }).exchange.status, 412);
});

const RANGES: StaticOptions = { ...CHECK, 'honour-range': true };

test('a range is ignored unless honour-range is set', () => {
  assert.equal(site.ask(CHECK, { uri: '/ten.txt', variables: { HTTP_RANGE: 'bytes=2-4' } }).exchange.status, 200);
});

test('a range of a small file is sent as uWSGI does', () => {
  const { exchange } = site.ask(RANGES, { uri: '/ten.txt', variables: { HTTP_RANGE: 'bytes=2-4' } });
  assert.equal(
    exchange.head,
    `206 Partial Content\nContent-Type: text/plain\nContent-Length: 3\nContent-Range: bytes 2-4/10\nLast-Modified: ${LAST_MODIFIED}\n`,
  );
  assert.equal(exchange.text, '234');
});

test('a range of a big file is streamed', async () => {
  const { exchange } = site.ask(RANGES, { uri: '/big.bin', variables: { HTTP_RANGE: 'bytes=100000-299998' } });
  await exchange.whenFinished;
  assert.equal(exchange.sentBody.length, 199_999);
});

for (const uri of ['/ten.txt', '/big.bin']) {
  test(`several ranges of ${uri} are sent as parts`, async () => {
    const { exchange } = site.ask(RANGES, { uri, variables: { HTTP_RANGE: 'bytes=0-1,4-5' } });
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
  const { exchange } = site.ask(RANGES, { uri: '/ten.txt', variables: { HTTP_RANGE: 'bytes=20-' } });
  assert.equal(exchange.head, '416 Requested Range Not Satisfiable\nContent-Range: bytes */10\n');
});

test('a range is dropped when If-Range names another state of the file', () => {
  const variables = { HTTP_RANGE: 'bytes=2-4', HTTP_IF_RANGE: 'Sun, 22 Nov 2026 17:26:40 GMT' };
  assert.equal(site.ask(RANGES, { uri: '/ten.txt', variables }).exchange.text, '0123456789');
});

test('a range of HEAD is ignored', () => {
  const { exchange } = site.ask(RANGES, { method: 'HEAD', uri: '/ten.txt', variables: { HTTP_RANGE: 'bytes=2-4' } });
  assert.equal(exchange.status, 200);
});

const GZIP: StaticOptions = { ...CHECK, 'static-gzip-all': true };

test('static-gzip-all sends the compressed twin, with its own length and date and the type of the file', () => {
  const { exchange } = site.ask(GZIP, { uri: '/base.css', variables: { HTTP_ACCEPT_ENCODING: 'gzip, deflate' } });
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
    const { exchange } = site.ask(GZIP, { uri: '/both.js', variables });
    assert.equal(exchange.text, body);
    assert.equal(exchange.header('vary'), 'Accept-Encoding');
  });
}

test('a file without compressed twins does not vary', () => {
  assert.equal(
    site.ask(GZIP, { uri: '/ten.txt', variables: { HTTP_ACCEPT_ENCODING: 'gzip' } }).exchange.header('vary'),
    undefined,
  );
});

test('a compressed file that is asked for by name is sent as it is', () => {
  const { exchange } = site.ask(GZIP, { uri: '/base.css.gz', variables: { HTTP_ACCEPT_ENCODING: 'gzip' } });
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
    const { exchange } = site.ask(
      { ...CHECK, ...options },
      { uri: '/base.css', variables: { HTTP_ACCEPT_ENCODING: 'gzip' } },
    );
    assert.equal(exchange.header('content-encoding'), applies ? 'gzip' : undefined);
  });
}

test('static-gzip-dir applies to files below the directory', () => {
  const options = { ...CHECK, 'static-gzip-dir': [path.join(site.base, 'static')] };
  const { exchange } = site.ask(options, { uri: '/base.css', variables: { HTTP_ACCEPT_ENCODING: 'gzip' } });
  assert.equal(exchange.header('content-encoding'), 'gzip');
});

test('static-expires by pattern stands before the type, by type behind it', () => {
  const byPattern = site.ask({ ...CHECK, 'static-expires-mtime': ['ten.* 60'] }, { uri: '/ten.txt' }).exchange;
  assert.match(byPattern.head, /^200 OK\nExpires: Sun, 22 Nov 2026 17:27:41 GMT\nContent-Type: text\/plain\n/);
  const byType = site.ask({ ...CHECK, 'static-expires-type-mtime': ['text/css=3600'] }, { uri: '/base.css' }).exchange;
  assert.match(byType.head, /^200 OK\nContent-Type: text\/css\nExpires: Sun, 22 Nov 2026 18:26:41 GMT\nContent-Length/);
});

test('static-expires-uri and static-expires-path-info look at the request and count from now', () => {
  for (const option of ['static-expires-uri', 'static-expires-path-info'] as const) {
    const { exchange } = site.ask({ ...CHECK, [option]: ['^/noext 10'] }, { uri: '/noext' });
    const seconds = Date.parse(exchange.header('expires') ?? '') / 1000 - Date.now() / 1000;
    assert.ok(seconds > 8 && seconds <= 10, `${seconds}`);
  }
});

test('static-expires that cannot be read is refused', () => {
  assert.throws(() => site.ask({ ...CHECK, 'static-expires': ['nothing'] }, {}), StaticOptionError);
  assert.throws(() => site.ask({ ...CHECK, 'static-expires-type': ['text/css'] }, {}), StaticOptionError);
  assert.throws(() => site.ask({ ...CHECK, 'static-expires': ['( 10'] }, {}), StaticOptionError);
});

test('file-serve-mode leaves the file to the server in front', () => {
  for (const [mode, name] of [
    ['nginx', 'X-Accel-Redirect'],
    ['x-accel-redirect', 'X-Accel-Redirect'],
    ['x-sendfile', 'X-Sendfile'],
    ['xsendfile', 'X-Sendfile'],
  ] as const) {
    const { exchange } = site.ask({ ...CHECK, 'file-serve-mode': mode }, { uri: '/base.css' });
    const file = path.join(site.base, 'static/base.css');
    assert.equal(exchange.head, `200 OK\nContent-Type: text/css\n${name}: ${file}\nLast-Modified: ${LAST_MODIFIED}\n`);
    assert.deepEqual([exchange.text, exchange.record.via], ['', '']);
  }
  assert.equal(site.ask({ ...CHECK, 'file-serve-mode': 'apache' }, { uri: '/base.css' }).exchange.text, CSS);
});
