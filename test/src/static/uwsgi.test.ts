import assert from 'node:assert/strict';
import { symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';

import { exchangeBytes, request } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { besideUwsgi, startBoth } from '../routes/side-by-side.ts';
import { layOutFiles, MODIFIED } from './files.ts';

interface Case {
  readonly line: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where ours differs on purpose: why, and what it answers. */
  readonly ours?: { readonly because: string; readonly answer: RegExp };
}

/** Expires headers tell the time of the request. */
function comparable(answer: string): string {
  return answer.replace(/^Expires: .*\d\d:\d\d GMT\r$/m, (line) => line.replace(/\d\d:\d\d GMT/, 'MM:SS GMT'));
}

/** Asks both for everything, and fails with all that differs. */
async function compare(t: TestContext, lines: readonly string[], cases: readonly Case[]): Promise<void> {
  await using rig = Rig.open(t);
  layOutFiles(rig);
  rig.write('static/script.php', 'php');
  rig.write('static/page.html.gz', 'html twin');
  rig.write('static/page.html.br', 'br twin');
  rig.write('more/ten.txt', 'more of ten');
  rig.write('more/only-here.txt', 'only here');
  for (const name of ['script.php', 'page.html.gz', 'page.html.br'])
    utimesSync(rig.path('static', name), MODIFIED, MODIFIED);
  for (const name of ['ten.txt', 'only-here.txt']) utimesSync(rig.path('more', name), MODIFIED, MODIFIED);
  symlinkSync('../more/only-here.txt', rig.path('static/link-more.txt'));
  writeFileSync(rig.path('static/run.sh'), '#!/bin/sh\n');
  const pair = await startBoth(rig, lines, 'not_found');
  const complaints: string[] = [];
  for (const { line, headers, ours: own } of cases) {
    const bytes = request(line, headers);
    const [ours = '', theirs = ''] = await Promise.all(
      [pair.ours, pair.theirs].map(async ({ port }) =>
        comparable((await exchangeBytes(port, bytes)).toString('latin1')),
      ),
    );
    const mine = withoutFraming(ours, theirs);
    const isRight = own === undefined ? mine === theirs : own.answer.test(mine) && mine !== theirs;
    if (!isRight)
      complaints.push(
        `${line} ${JSON.stringify(headers ?? {})}\n  ours:  ${JSON.stringify(mine)}\n  uWSGI: ${JSON.stringify(theirs)}`,
      );
  }
  assert.equal(complaints.join('\n'), '');
}

/** Without what our connections add: `Connection`, and a length where uWSGI has none. */
function withoutFraming(ours: string, theirs: string): string {
  const answer = ours.replace(/^Connection: [a-z-]+\r\n/im, '');
  return /^Content-Length: /m.test(theirs) ? answer : answer.replace(/^Content-Length: \d+\r\n/m, '');
}

const get = (path: string, headers?: Readonly<Record<string, string>>): Case => ({
  line: `GET ${path}`,
  ...(headers === undefined ? {} : { headers }),
});

test('maps, checks, indexes and skipped extensions serve what the real uWSGI serves', besideUwsgi, (t) =>
  compare(
    t,
    [
      'check-static = static',
      'check-static = more',
      'static-map = /assets=static',
      'static-map = /one=static/ten.txt',
      'static-map = /slash/=static',
      'static-map2 = /dir=static',
      'static-index = index.html',
      'static-skip-ext = .php',
    ],
    [
      ...[
        '/ten.txt',
        '/only-here.txt',
        '/assets/ten.txt',
        '/assets',
        '/assets/',
        '/assetsX',
        '/one',
        '/one/more',
        '/slash/ten.txt',
      ].map((path) => get(path)),
      ...[
        '/dir/inner.txt',
        '/dir/index.html',
        '/script.php',
        '/assets/script.php',
        '/no-extension',
        '/empty.txt',
        '/run.sh',
      ].map((path) => get(path)),
      ...[
        '/dir/',
        '/assets/dir/',
        '/nothing',
        '/TEN.txt',
        '//ten.txt',
        '/ten.txt/',
        '/with%20space.txt',
        '/%C3%A9.txt',
        '/.hidden',
      ].map((path) => get(path)),
      ...['/link-in.txt', '/link-out.txt', '/dir-out/secret.txt', '/assets/../secret.txt'].map((path) => get(path)),
      { line: 'POST /ten.txt', headers: { 'Content-Length': '0' } },
      { line: 'HEAD /ten.txt' },
      { line: 'HEAD /dir/' },
      {
        line: 'HEAD /nothing',
        ours: { because: 'an answer to HEAD has no body', answer: /^HTTP\/1\.1 404 Not Found\r\n.*\r\n\r\n$/s },
      },
      { line: 'PUT /ten.txt', headers: { 'Content-Length': '0' } },
      { line: 'OPTIONS /ten.txt' },
      get('/ten.txt', { 'If-Modified-Since': 'Sun, 22 Nov 2026 15:19:56 GMT' }),
      get('/ten.txt', { 'If-Modified-Since': 'Sun, 22 Nov 2026 15:19:55 GMT' }),
      get('/ten.txt', { 'If-Modified-Since': 'rubbish' }),
      get('/ten.txt', { Range: 'bytes=2-4' }),
      get('/ten.txt', { 'Accept-Encoding': 'gzip' }),
      {
        line: 'GET /dir',
        ours: {
          because: 'links of the index would lead elsewhere',
          answer: /^HTTP\/1\.1 301 Moved Permanently\r\nLocation: \/dir\/\r\n/,
        },
      },
    ],
  ),
);

test('links lead where static-safe lets them, as in the real uWSGI', besideUwsgi, (t) =>
  compare(
    t,
    ['check-static = static', 'static-safe = %dmore'],
    [get('/link-more.txt'), get('/link-out.txt'), get('/ten.txt')],
  ),
);

test('ranges are those of the real uWSGI, where it does them right', besideUwsgi, (t) =>
  compare(
    t,
    ['check-static = static', 'honour-range = true'],
    [
      ...['bytes=2-4', 'bytes=7-', 'bytes=-3', 'bytes=0-0', 'bytes=5-100', 'bytes=20-30', 'bytes=10-'].map((range) =>
        get('/ten.txt', { Range: range }),
      ),
      get('/large.txt', { Range: 'bytes=1000-200000' }),
      get('/ten.txt'),
      {
        ...get('/ten.txt', { Range: 'bytes=x' }),
        ours: { because: 'a range that is none is ignored', answer: /^HTTP\/1\.1 200 OK\r\n/ },
      },
      {
        ...get('/ten.txt', { Range: 'bytes=0-1,4-5' }),
        ours: { because: 'uWSGI sends the first only', answer: /^HTTP\/1\.1 206 .*multipart\/byteranges/s },
      },
    ],
  ),
);

test('Expires headers are those of the real uWSGI', besideUwsgi, (t) =>
  compare(
    t,
    [
      'check-static = static',
      'static-expires = /style.css$ 100000',
      'static-expires-mtime = /ten.txt$ 200000',
      'static-expires-type = text/html=300000',
      'static-expires-uri = v=1 400000',
      'static-expires-path-info = ^/dir/ 500000',
    ],
    [
      ...['/style.css', '/ten.txt', '/empty.txt', '/empty.txt?v=1', '/dir/inner.txt', '/no-extension'].map((path) =>
        get(path),
      ),
      get('/link-in.txt'),
      { line: 'HEAD /style.css' },
    ],
  ),
);

const VARY = {
  because: 'caches are told that the answer depends on Accept-Encoding',
  answer: /\r\nVary: Accept-Encoding\r\n/,
};

test('compressed twins are those of the real uWSGI, and caches are told of them', besideUwsgi, (t) =>
  compare(
    t,
    ['check-static = static', 'static-gzip-all = true'],
    [
      ...['gzip', 'gzip, br', 'br', 'deflate', 'identity'].map((accepted) => ({
        line: 'GET /page.html',
        headers: { 'Accept-Encoding': accepted },
        ours: VARY,
      })),
      { ...get('/page.html'), ours: VARY },
      get('/ten.txt', { 'Accept-Encoding': 'gzip, br' }),
      get('/page.html.gz'),
      {
        ...get('/page.html', { 'Accept-Encoding': 'gzip;q=0' }),
        ours: { because: 'the client refuses gzip', answer: /Content-Type: text\/html\r\nContent-Length: 12\r\n/ },
      },
    ],
  ),
);

for (const [option, twins, none] of [
  ['static-gzip = style', '/style.css', '/page.html'],
  ['static-gzip-ext = .css', '/style.css', '/page.html'],
  ['static-gzip-suffix = .css', '/style.css', '/page.html'],
] as const) {
  test(`${option} chooses files as the real uWSGI does`, besideUwsgi, (t) =>
    compare(
      t,
      ['check-static = static', option],
      [
        {
          ...get(twins, { 'Accept-Encoding': 'gzip' }),
          ours: { because: VARY.because, answer: /Content-Encoding: gzip\r\n.*Vary: Accept-Encoding\r\n/s },
        },
        get(none, { 'Accept-Encoding': 'gzip' }),
      ],
    ),
  );
}
