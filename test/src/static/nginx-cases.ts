import { TEN_BYTES, TWIN } from './files.ts';

/** A request, and where our answer differs from nginx's on purpose. `ETAG` in a header stands for the tag the server itself has sent. */
export interface NginxCase {
  readonly line: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ours?: { readonly because: string; readonly differs: Readonly<Record<string, string | undefined>> };
}

const HELD = 'Sun, 22 Nov 2026 15:19:56 GMT';
const LATER = 'Sun, 22 Nov 2026 15:19:57 GMT';
const EARLIER = 'Sun, 22 Nov 2026 15:19:55 GMT';

const plain: readonly NginxCase[] = [
  { line: 'GET /ten.txt' },
  { line: 'HEAD /ten.txt' },
  { line: 'GET /empty.txt' },
  { line: 'HEAD /empty.txt' },
  { line: 'GET /page.html' },
  { line: 'GET /large.txt' },
  { line: 'HEAD /large.txt' },
  { line: 'GET /ten.txt?v=1' },
  {
    line: 'GET /no-extension',
    ours: { because: 'an unknown type is not made up', differs: { 'content-type': undefined } },
  },
  { line: 'GET /nothing.txt' },
  { line: 'GET /link-in.txt' },
  { line: 'GET /.hidden', ours: { because: 'an unknown type is not made up', differs: { 'content-type': undefined } } },
];

const paths: readonly NginxCase[] = [
  { line: 'GET /%74en.txt' },
  { line: 'GET /with%20space.txt' },
  { line: 'GET /%C3%A9.txt' },
  { line: 'GET /./ten.txt' },
  { line: 'GET /dir/../ten.txt' },
  { line: 'GET /dir/%2e%2e/ten.txt' },
  { line: 'GET /dir/inner.txt' },
  { line: 'GET /dir%2Finner.txt' },
  { line: 'GET //ten.txt' },
  { line: 'GET /dir//inner.txt' },
  { line: 'GET /ten.txt/' },
  { line: 'GET /ten.txt/x' },
  { line: 'GET /dir/' },
  { line: 'HEAD /dir/' },
  { line: 'GET /dir' },
  { line: 'GET /dir?a=b' },
  {
    line: 'GET /bare',
    ours: {
      because: 'a directory without an index is the business of the app',
      differs: { status: '404', location: undefined },
    },
  },
  {
    line: 'GET /bare/',
    ours: { because: 'a directory without an index is the business of the app', differs: { status: '404' } },
  },
  { line: 'GET /TEN.TXT' },
  { line: 'GET /ten.txt%00' },
  { line: 'GET /ten.txt%20' },
  { line: 'GET /ten.txt.' },
];

const conditions: readonly NginxCase[] = [
  { line: 'GET /ten.txt', headers: { 'If-Modified-Since': HELD } },
  { line: 'GET /ten.txt', headers: { 'If-Modified-Since': EARLIER } },
  {
    line: 'GET /ten.txt',
    headers: { 'If-Modified-Since': LATER },
    ours: {
      because: 'nginx takes only the very date; RFC 9110 and uWSGI take any later one',
      differs: {
        status: '304',
        'last-modified': undefined,
        'content-length': undefined,
        'content-type': undefined,
        'accept-ranges': undefined,
        body: '',
      },
    },
  },
  { line: 'GET /ten.txt', headers: { 'If-Modified-Since': 'yesterday' } },
  { line: 'HEAD /ten.txt', headers: { 'If-Modified-Since': HELD } },
  { line: 'GET /ten.txt', headers: { 'If-None-Match': 'ETAG' } },
  { line: 'GET /ten.txt', headers: { 'If-None-Match': 'W/ETAG' } },
  { line: 'GET /ten.txt', headers: { 'If-None-Match': '"other", ETAG' } },
  { line: 'GET /ten.txt', headers: { 'If-None-Match': '"other"' } },
  { line: 'GET /ten.txt', headers: { 'If-None-Match': '*' } },
  { line: 'GET /ten.txt', headers: { 'If-None-Match': '"other"', 'If-Modified-Since': HELD } },
  { line: 'GET /ten.txt', headers: { 'If-Match': 'ETAG' } },
  { line: 'GET /ten.txt', headers: { 'If-Match': '"other"' } },
  { line: 'GET /ten.txt', headers: { 'If-Match': '*' } },
  { line: 'GET /ten.txt', headers: { 'If-Unmodified-Since': HELD } },
  { line: 'GET /ten.txt', headers: { 'If-Unmodified-Since': EARLIER } },
];

/** The whole of ten.txt. */
const WHOLE = {
  status: '200',
  'content-type': 'text/plain',
  'content-length': '10',
  'content-range': undefined,
  'last-modified': HELD,
  'accept-ranges': 'bytes',
  etag: 'there',
  body: TEN_BYTES,
};
const NO_DESCRIPTION = Object.fromEntries(Object.keys(WHOLE).map((name) => [name, undefined]));

const ranges: readonly NginxCase[] = [
  ...[
    'bytes=2-4',
    'bytes=0-0',
    'bytes=7-',
    'bytes=-3',
    'bytes=-100',
    'bytes=5-100',
    'bytes=0-9',
    'bytes=0-',
    'bytes=10-',
    'bytes=20-30',
    'bytes=0-1,4-5',
    'bytes=0-1, 4-5, -1',
    'bytes=0-1,20-30',
    'items=0-1',
  ].map((range) => ({ line: 'GET /ten.txt', headers: { Range: range } })),
  ...['bytes=4-2', 'bytes=x'].map((range) => ({
    line: 'GET /ten.txt',
    headers: { Range: range },
    ours: { because: 'a range that is none is to be ignored (RFC 9110 section 14.2)', differs: WHOLE },
  })),
  { line: 'GET /ten.txt', headers: { Range: 'bytes=-0' } },
  { line: 'GET /ten.txt', headers: { Range: 'bytes=0-5,3-8' } },
  { line: 'GET /large.txt', headers: { Range: 'bytes=1000-200000' } },
  { line: 'GET /large.txt', headers: { Range: 'bytes=0-99,500000-500099' } },
  {
    line: 'GET /empty.txt',
    headers: { Range: 'bytes=0-' },
    ours: {
      because: 'an empty file has no first byte (RFC 9110 section 14.1.2)',
      differs: { ...NO_DESCRIPTION, status: '416', 'content-range': 'bytes */0' },
    },
  },
  {
    line: 'HEAD /ten.txt',
    headers: { Range: 'bytes=2-4' },
    ours: {
      because: 'ranges are for GET (RFC 9110 section 14.2)',
      differs: { status: '200', 'content-length': '10', 'content-range': undefined, 'accept-ranges': 'bytes' },
    },
  },
  { line: 'GET /ten.txt', headers: { Range: 'bytes=2-4', 'If-Range': 'ETAG' } },
  { line: 'GET /ten.txt', headers: { Range: 'bytes=2-4', 'If-Range': '"other"' } },
  { line: 'GET /ten.txt', headers: { Range: 'bytes=2-4', 'If-Range': HELD } },
  { line: 'GET /ten.txt', headers: { Range: 'bytes=2-4', 'If-Range': EARLIER } },
  { line: 'GET /ten.txt', headers: { Range: 'bytes=2-4', 'If-None-Match': 'ETAG' } },
];

/** What says that a twin can be asked for in parts, too. */
const IN_PARTS: NginxCase['ours'] = {
  because: 'ranges of a twin are those of its own tag',
  differs: { 'accept-ranges': 'bytes' },
};

const encodings: readonly NginxCase[] = [
  { line: 'GET /style.css' },
  ...['gzip;q=0', 'deflate', 'identity'].map((accepted) => ({
    line: 'GET /style.css',
    headers: { 'Accept-Encoding': accepted },
  })),
  ...['gzip', 'gzip, deflate, br', 'gzip;q=0.5', 'GZIP'].map((accepted) => ({
    line: 'GET /style.css',
    headers: { 'Accept-Encoding': accepted },
    ours: IN_PARTS,
  })),
  { line: 'HEAD /style.css', headers: { 'Accept-Encoding': 'gzip' }, ours: IN_PARTS },
  {
    line: 'GET /style.css',
    headers: { 'Accept-Encoding': '*' },
    ours: {
      because: 'a client that takes everything takes gzip',
      differs: {
        'content-encoding': 'gzip',
        'content-length': String(TWIN.length),
        body: TWIN.toString('latin1'),
      },
    },
  },
  { line: 'GET /ten.txt', headers: { 'Accept-Encoding': 'gzip' } },
  {
    line: 'GET /style.css.gz',
    ours: { because: 'the table of types is another one', differs: { 'content-type': 'application/gzip' } },
  },
];

/** What is asked of both, by topic. */
export const NGINX_CASES: Readonly<Record<string, readonly NginxCase[]>> = {
  plain,
  paths,
  conditions,
  ranges,
  encodings,
};
