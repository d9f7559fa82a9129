import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { METHODS } from 'node:http';
import test from 'node:test';

import * as fc from 'fast-check';

import { type Reading, readWithNode, readWithOurs, type Understood } from './oracle.test-support.ts';

/** `OURS_ORACLE_RUNS=200000` for a long search. */
const RUNS = Number(process.env['ORACLE_RUNS'] ?? 3000);

// ---- a grammar of requests, right and nearly right

const token = fc.constantFrom('X-A', 'x-b', 'Accept', 'Cookie', 'Content-Type', 'X_C', '!#$', 'a'.repeat(70));
const blanks = fc.constantFrom('', ' ', ' ', ' ', '\t', '  \t ');
const value = fc.oneof(
  fc.constantFrom('', 'b', 'a, b', '"q"', '\x80\xff', 'a\tb', 'x'.repeat(200)),
  fc.string({ maxLength: 8 }),
);
const method = fc.constantFrom('GET', 'GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'PATCH', 'M-SEARCH');
const TARGETS: readonly string[] = [
  '/ / /a/b.html /? /a?b=c&d /%20%zz //a /../a /;x /a"b<>`{|}^ /\x80 *',
  'http://a/ http://a HTTP://a:80/p?q https://[::1]/ http://a?b http:/// http:/a a a:80 ?a',
  'http://u@a/ http://a:b/ //a/ ///a a:80/ *a /* ** http://*/ http://a,b/ /\\a /a%00 /a:80 http://a/#b',
].flatMap((line) => line.split(' '));
const target = fc.constantFrom(...TARGETS);
const VERSIONS: readonly string[] = ['HTTP/1.0', 'HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', ''];
const version = fc.oneof(
  { weight: 2, arbitrary: fc.constant('HTTP/1.1') },
  { weight: 1, arbitrary: fc.constantFrom(...VERSIONS) },
);
const STEERING_HEADERS: readonly string[] = `
Connection: close
Connection: keep-alive
Connection: x
connection: Close, x
Connection: upgrade
Proxy-Connection: close
Keep-Alive: timeout=1
Host: b
Host:
Expect: 100-continue
Expect: x
Expect: 100-Continue
Expect: 100-continue, x
Upgrade: x
Transfer-Encoding: chunked\xa0
Transfer-Encoding: \xa0chunked
Content-Length: 3\xa0
Content_Length: 3
Transfer_Encoding: chunked
Content-Length: 0
Content-Length: 3
Content-Length: +3
Content-Length: 3, 3
Content-Length:
Content-Length : 3
Transfer-Encoding: chunked
Transfer-Encoding: chunked\x20
Transfer-Encoding:\tchunked
Transfer-Encoding: Chunked
Transfer-Encoding: gzip
Transfer-Encoding: gzip, chunked
Transfer-Encoding: chunked, chunked
transfer-encoding: identity
Transfer-Encoding:`
  .split('\n')
  .slice(1);
const header = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(token, blanks, value, blanks)
      .map(([name, before, text, after]) => `${name}:${before}${text}${after}`),
  },
  { weight: 1, arbitrary: fc.constantFrom(...STEERING_HEADERS) },
);
const content = fc.string({ maxLength: 20 }).map((text) => Buffer.from(text, 'utf8').toString('latin1'));
const extension = fc.constantFrom(
  '',
  '',
  '',
  ';a',
  ';a=b',
  ';a="b"',
  ';a="\\""',
  ';a;b=c',
  ' ;a',
  '; a',
  ';a =b',
  ';a= b',
  ';',
  ';=',
  ';a="',
);
const size = (bytes: number): fc.Arbitrary<string> =>
  fc.constantFrom(
    bytes.toString(16),
    bytes.toString(16),
    bytes.toString(16).toUpperCase(),
    `0${bytes.toString(16)}`,
    `${bytes.toString(16)} `,
  );
const chunk = content.chain((text) =>
  fc
    .tuple(size(text.length), extension)
    .map(([length, more]) => (text === '' ? '' : `${length}${more}\r\n${text}\r\n`)),
);
const chunked = fc
  .tuple(fc.array(chunk, { maxLength: 4 }), extension, fc.array(header, { maxLength: 2 }))
  .map(
    ([chunks, more, trailers]) => `${chunks.join('')}0${more}\r\n${trailers.map((line) => `${line}\r\n`).join('')}\r\n`,
  );
const framedBody = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ line: '', body: '' }) },
  { weight: 2, arbitrary: content.map((body) => ({ line: `Content-Length: ${body.length}\r\n`, body })) },
  { weight: 3, arbitrary: chunked.map((body) => ({ line: 'Transfer-Encoding: chunked\r\n', body })) },
);
const request = fc
  .tuple(
    method,
    target,
    version,
    fc.array(header, { maxLength: 4 }),
    framedBody,
    fc.constantFrom('', '', '', '\r\n', '\n', '\r'),
  )
  .map(
    ([verb, to, protocol, headers, { line, body }, before]) =>
      `${before}${verb} ${to} ${protocol}\r\nHost: a\r\n${line}${headers.map((text) => `${text}\r\n`).join('')}\r\n${body}`,
  );

const INSERTED: readonly string[] = [
  '',
  '',
  '\r\n',
  '\n\n',
  ...'\r\n \t:;,05a-_+"\\=#/\0\x01\x0b\x0c\x7f\x80\xff'.split(''),
];
/** One edit: at a place (as a share of the length), so many characters are replaced by a text. */
const edit = fc.tuple(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.integer({ min: 0, max: 2 }),
  fc.constantFrom(...INSERTED),
);
const connection = fc
  .tuple(fc.array(request, { minLength: 1, maxLength: 3 }), fc.array(edit, { maxLength: 3 }))
  .map(([requests, edits]) => {
    let text = requests.join('');
    for (const [place, removed, inserted] of edits) {
      const at = Math.floor(place * text.length);
      text = text.slice(0, at) + inserted + text.slice(at + removed);
    }
    return text;
  });

function split(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  const cuts = [...new Set(places.map((place) => Math.floor(place * bytes.length)))].toSorted((a, b) => a - b);
  return [0, ...cuts].map((cut, i) => bytes.subarray(cut, cuts[i] ?? bytes.length)).filter((piece) => piece.length > 0);
}

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

// ---- the comparison

/**
 * Where we take what llhttp refuses, and why:
 * - a method it does not know: which methods there are is the app's business (RFC 9110 section 9.1)
 * - bytes above ASCII in a target: curl and old links send UTF-8 as it is, and uWSGI and nginx take it
 * - what follows a request with `Proxy-Connection: close`: that header means nothing (RFC 9112 appendix C.2.2)
 * - what follows a request that offers to switch to another protocol: llhttp leaves that to whoever switches, and we do not
 * - HTTP/1.2 and higher: to be read as the highest 1.x that is known (RFC 9110 section 2.5)
 */
function isJustified(text: string, node: Reading, ours: Reading): boolean {
  const extra = ours.requests[node.requests.length];
  if (extra === undefined) return false;
  if (node.refusal === undefined) return offersToSwitch(node.requests.at(-1));
  if (node.refusal === 'HPE_INVALID_VERSION') return /HTTP\/1\.[2-9]\r\n/.test(text);
  if (node.refusal === 'HPE_CLOSED_CONNECTION')
    return node.requests.at(-1)?.headers['HTTP_PROXY_CONNECTION'] !== undefined;
  if (node.refusal === 'HPE_INVALID_URL') return /[\x80-\xff]/.test(extra.target);
  return !METHODS.includes(extra.method) && (node.refusal ?? '').startsWith('HPE_INVALID_');
}

function offersToSwitch(request: Understood | undefined): boolean {
  const { HTTP_UPGRADE: offer, HTTP_CONNECTION: connection = '' } = request?.headers ?? {};
  return offer !== undefined && /\bupgrade\b/i.test(connection);
}

function compare(text: string, pieces: readonly Buffer[]): void {
  const node = readWithNode(pieces);
  const ours = readWithOurs(pieces);
  if (isJustified(text, node, ours)) return;
  const shown = `${JSON.stringify(text)}\nours ${JSON.stringify(ours)}\nnode ${JSON.stringify(node)}`;
  if (node.refusal !== undefined) {
    assert.ok(ours.refusal !== undefined, `node:http refuses with ${node.refusal} what we take: ${shown}`);
    assert.ok(
      ours.requests.length <= node.requests.length,
      `node:http refuses with ${node.refusal} a request that we take: ${shown}`,
    );
  }
  for (const [i, request] of ours.requests.entries()) {
    const other = node.requests[i];
    assert.ok(other !== undefined, `we saw a request that node:http did not see: ${shown}`);
    // The host of an absolute form replaces the header; node:http leaves that to its user.
    const headers = { ...other.headers };
    if (/^https?:/i.test(request.target) && request.headers['HTTP_HOST'] !== undefined)
      headers['HTTP_HOST'] = request.headers['HTTP_HOST'];
    assert.deepEqual(request, { ...other, headers }, shown);
  }
}

const SWITCHING =
  'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n';

test('HttpServer refuses what node:http refuses, and frames what both take alike', () => {
  fc.assert(
    fc.property(connection, places, (text, cuts) => compare(text, split(text, cuts))),
    { numRuns: RUNS, examples: [[SWITCHING, []]] },
  );
});

test('HttpServer reads the same however the bytes are split', () => {
  fc.assert(
    fc.property(connection, places, (text, cuts) => {
      const whole = readWithOurs([Buffer.from(text, 'latin1')].filter((piece) => piece.length > 0));
      const parts = readWithOurs(split(text, cuts));
      assert.deepEqual(parts.requests, whole.requests);
      assert.equal(parts.refusal === undefined, whole.refusal === undefined);
    }),
    { numRuns: RUNS },
  );
});
