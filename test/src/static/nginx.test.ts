import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { type Answer, header } from '../rig/answer.ts';
import { HttpClient, request } from '../rig/http-client.ts';
import { startNginxSite } from '../rig/nginx.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { needs } from '../run/parts.ts';
import { workerSpawned } from '../tutorial/expect.ts';
import { layOutFiles, TEN_BYTES, TWIN } from './files.ts';

/** A request, and where our answer differs from nginx's on purpose. `ETAG` in a header stands for the tag the server itself has sent. */
interface Case {
  readonly line: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ours?: { readonly because: string; readonly differs: Readonly<Record<string, string | undefined>> };
}

const HELD = 'Sun, 22 Nov 2026 15:19:56 GMT';
const LATER = 'Sun, 22 Nov 2026 15:19:57 GMT';
const EARLIER = 'Sun, 22 Nov 2026 15:19:55 GMT';

const plain: readonly Case[] = [
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

const paths: readonly Case[] = [
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

const conditions: readonly Case[] = [
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

const ranges: readonly Case[] = [
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
const IN_PARTS: Case['ours'] = {
  because: 'ranges of a twin are those of its own tag',
  differs: { 'accept-ranges': 'bytes' },
};

const encodings: readonly Case[] = [
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

type Summary = Readonly<Record<string, string>>;

/** The parts of an answer that make a difference to a client, by lower-case name; a tag counts as there or not there. */
function summary(answer: Answer): Summary {
  const parts: Record<string, string> = { status: String(answer.status) };
  for (const name of [
    'content-type',
    'content-length',
    'content-range',
    'content-encoding',
    'last-modified',
    'accept-ranges',
    'vary',
    'location',
  ]) {
    const value = header(answer, name);
    if (value !== undefined) parts[name] = value.replace(/boundary=.*/, 'boundary=B').replace(/^http:\/\/[^/]*/, '');
  }
  if (header(answer, 'etag') !== undefined) parts['etag'] = 'there';
  const boundary = /boundary=(.*)/.exec(header(answer, 'content-type') ?? '')?.[1];
  const body = answer.body.toString('latin1');
  if (boundary === undefined) {
    parts['body'] = body;
  } else {
    parts['body'] = body.replaceAll(boundary, 'B').trim();
    // The boundary has the length its maker likes.
    delete parts['content-length'];
  }
  // uWSGI says nothing in a 304; we say what a cache needs, and no date.
  if (answer.status === 304) delete parts['last-modified'];
  if (answer.status >= 300 && answer.status !== 304) {
    // What an error or a redirection says of itself is everybody's own.
    for (const name of ['body', 'content-type', 'content-length', 'last-modified', 'etag']) delete parts[name];
  }
  return parts;
}

async function startNginx(rig: Rig): Promise<number> {
  const port = await rig.port();
  await startNginxSite(rig, {
    home: 'nginx',
    connections: 64,
    http: `include /etc/nginx/mime.types;
  access_log off;
  gzip_static on;
  gzip_vary on;
  absolute_redirect off;`,
    server: `listen 127.0.0.1:${port}; root ${rig.path('static')};`,
  });
  return port;
}

async function startOurs(rig: Rig): Promise<number> {
  const port = await rig.port();
  const options = ['--check-static', 'static', '--static-index', 'index.html', '--static-gzip-all'];
  const vassal = await rig.vassal(
    [
      '--master',
      '--http-socket',
      `127.0.0.1:${port}`,
      '--module',
      'app',
      ...options,
      '--static-etag',
      '--honour-range',
    ],
    {},
  );
  await vassal.waitForLog(workerSpawned);
  return port;
}

/** A server, and the tags of its files, which it is asked for once. */
class Server {
  readonly #port: number;
  readonly #tags = new Map<string, string>();

  constructor(port: number) {
    this.#port = port;
  }

  async answer({ line, headers = {} }: Case): Promise<Answer> {
    const entries = Object.entries(headers);
    const tag = entries.some(([, value]) => value.includes('ETAG')) ? await this.#tagOf(line) : '';
    return await this.#ask(
      line,
      Object.fromEntries(entries.map(([name, value]) => [name, value.replace('ETAG', tag)])),
    );
  }

  async #tagOf(line: string): Promise<string> {
    let tag = this.#tags.get(line);
    if (tag === undefined) {
      tag = header(await this.#ask(line, {}), 'etag') ?? '';
      this.#tags.set(line, tag);
    }
    return tag;
  }

  async #ask(line: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    await using client = await HttpClient.connect(this.#port);
    client.send(request(line, headers));
    return await client.answer(line.split(' ')[0]);
  }
}

/** What is wrong with our answer; undefined where it is nginx's, but for what the table says. */
function complaint({ line, headers = {}, ours }: Case, mine: Summary, theirs: Summary): string | undefined {
  const title = `${line} ${JSON.stringify(headers)}`;
  const expected: Record<string, string | undefined> = { ...theirs, ...ours?.differs };
  const names = new Set([...Object.keys(expected), ...Object.keys(mine)]);
  const wrong = [...names].filter((name) => expected[name] !== mine[name]);
  if (wrong.length > 0) {
    return `${title}\n${wrong.map((name) => `    ${name}: ${mine[name]}, expected ${expected[name]}`).join('\n')}`;
  }
  return ours !== undefined && isDeepStrictEqual(mine, theirs) ? `${title}: the table says that we differ` : undefined;
}

for (const [topic, cases] of Object.entries({ plain, paths, conditions, ranges, encodings })) {
  test(
    `static files are answered as nginx answers them: ${topic}, ${cases.length} requests`,
    { skip: needs('nginx').skip || oursOnly.skip },
    async (t) => {
      await using rig = Rig.open(t);
      layOutFiles(rig);
      const nginx = new Server(await startNginx(rig));
      const ours = new Server(await startOurs(rig));
      const complaints: string[] = [];
      for (const tried of cases) {
        const found = complaint(tried, summary(await ours.answer(tried)), summary(await nginx.answer(tried)));
        if (found !== undefined) complaints.push(found);
      }
      assert.equal(complaints.join('\n'), '');
    },
  );
}
