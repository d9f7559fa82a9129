import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { HttpClient } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { besideUwsgi, type Pair, startBoth } from '../routes/side-by-side.ts';

/** A request, to the byte, and how our line differs on purpose: what stands in uWSGI's, and what in ours instead. */
interface LoggedRequest {
  readonly title: string;
  readonly bytes: string;
  readonly ours?: { readonly because: string; readonly instead: readonly (readonly [theirs: string, ours: string])[] };
}

const VARIES: LoggedRequest['ours'] = {
  because: 'we send Vary',
  instead: [
    ['5 headers in 149 bytes', '6 headers in 172 bytes'],
    // Between them is the size of the packet, which the name of the machine is part of.
    [' 21 149 170 0 22 ', ' 21 172 193 0 22 '],
    [' 0 0 5 ', ' 0 0 6 '],
  ],
};
const PARTIAL: LoggedRequest['ours'] = {
  because: 'uWSGI logs 200 for a part',
  instead: [
    ['(HTTP/1.1 200)', '(HTTP/1.1 206)'],
    [' - - 200 ', ' - - 206 '],
  ],
};

/** Requests of every kind. */
const REQUESTS: readonly LoggedRequest[] = [
  { title: 'of the app', bytes: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'over HTTP/1.0', bytes: 'GET / HTTP/1.0\r\n\r\n' },
  { title: 'over HTTP/1.0 with a host', bytes: 'GET / HTTP/1.0\r\nHost: a\r\n\r\n' },
  { title: 'with a query', bytes: 'GET /path?x=1&y=%20 HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'with an empty query', bytes: 'GET /path? HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'with an encoded path', bytes: 'GET /a%20b/%C3%A9 HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'with bytes above ASCII in the path', bytes: 'GET /\xe9\xff HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'with dots in the path', bytes: 'GET /a/../b//c HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'with a quote in the path', bytes: 'GET /a"b\'c HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'HEAD', bytes: 'HEAD /nothing HTTP/1.1\r\nHost: a\r\n\r\n' },
  {
    title: 'POST with a body',
    bytes: 'POST /post HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello',
  },
  { title: 'POST without a body', bytes: 'POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n' },
  { title: 'PUT', bytes: 'PUT /put HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx' },
  { title: 'of an unknown method', bytes: 'PURGE /x HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'OPTIONS', bytes: 'OPTIONS /x HTTP/1.1\r\nHost: a\r\n\r\n' },
  {
    title: 'with many headers',
    bytes: `GET / HTTP/1.1\r\nHost: a\r\n${Array.from({ length: 30 }, (_, i) => `X-${i}: value ${i}\r\n`).join('')}\r\n`,
  },
  {
    title: 'with a header twice',
    bytes: 'GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nX-A: 2\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n',
  },
  { title: 'through a proxy', bytes: 'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.1, 10.0.0.2\r\n\r\n' },
  { title: 'with an empty header', bytes: 'GET / HTTP/1.1\r\nHost: a\r\nX-Empty:\r\n\r\n' },
  {
    title: 'with a user agent and a referer',
    bytes: 'GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: curl/8\r\nReferer: http://b/\r\n\r\n',
  },
  { title: 'that the app answers with 404', bytes: 'GET /x HTTP/1.1\r\nHost: a\r\nX-Status: 404 Not Found\r\n\r\n' },
  { title: 'that the app answers with 500', bytes: 'GET /x HTTP/1.1\r\nHost: a\r\nX-Status: 500 Oh\r\n\r\n' },
  {
    title: 'that the app answers with 204',
    bytes: 'GET /x/nothing HTTP/1.1\r\nHost: a\r\nX-Status: 204 No Content\r\n\r\n',
  },
  { title: 'that the app answers without a reason', bytes: 'GET /x HTTP/1.1\r\nHost: a\r\nX-Status: 299\r\n\r\n' },
  { title: 'that the app answers with nothing', bytes: 'GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'of a file', bytes: 'GET /page.html HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'HEAD of a file', bytes: 'HEAD /page.html HTTP/1.1\r\nHost: a\r\n\r\n' },
  {
    title: 'of a file that has not changed',
    bytes: 'GET /page.html HTTP/1.1\r\nHost: a\r\nIf-Modified-Since: Sun, 22 Nov 2099 15:19:56 GMT\r\n\r\n',
  },
  { title: 'of an empty file', bytes: 'GET /empty.txt HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'of a file without a type', bytes: 'GET /untyped HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'of a large file', bytes: 'GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n' },
  {
    title: 'of a precompressed file',
    bytes: 'GET /zipped.html HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n',
    ours: VARIES,
  },
  {
    title: 'of a part of a file',
    bytes: 'GET /page.html HTTP/1.1\r\nHost: a\r\nRange: bytes=2-4\r\n\r\n',
    ours: PARTIAL,
  },
  { title: 'of a part that is not there', bytes: 'GET /page.html HTTP/1.1\r\nHost: a\r\nRange: bytes=200-400\r\n\r\n' },
  { title: 'that a rule breaks', bytes: 'GET /break HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'that a rule returns', bytes: 'GET /return HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'that a rule ends without an answer', bytes: 'GET /hangup HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'that a rule redirects', bytes: 'GET /redirect HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'that a rule answers with a file', bytes: 'GET /filed HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'that a rule answers with sendfile', bytes: 'GET /sent HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'that a rule answers with fastfile', bytes: 'GET /fast HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'with a user', bytes: 'GET /user HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'with a header that a rule adds', bytes: 'GET /added HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'with a variable that a rule adds', bytes: 'GET /variable HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'with a variable that a rule changes', bytes: 'GET /changed?a=b HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'that a rule rewrites', bytes: 'GET /rewritten?a=b HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'that an error rule answers', bytes: 'GET /moved HTTP/1.1\r\nHost: a\r\nX-Status: 404 No\r\n\r\n' },
  { title: 'that is not to be logged', bytes: 'GET /quiet HTTP/1.1\r\nHost: a\r\n\r\n' },
  { title: 'behind one that was not logged', bytes: 'GET /last HTTP/1.1\r\nHost: a\r\n\r\n' },
];

const RULES = [
  'check-static = static',
  'static-gzip-all = true',
  'honour-range = true',
  'add-header = X-Always: yes',
  'route = ^/break$ break:403 Forbidden',
  'route = ^/return$ return:404',
  'route = ^/hangup$ break:',
  'route = ^/redirect$ redirect:/new',
  'route = ^/filed$ file:filename=static/page.html',
  'route = ^/sent$ sendfile:filename=static/page.html',
  'route = ^/fast$ fastfile:filename=static/page.html',
  'route = ^/user$ setuser:kate',
  'route = ^/added$ addheader:X-Added: yes',
  'route = ^/variable$ addvar:MY_VAR=one',
  'route = ^/changed$ setpathinfo:/something/else',
  'route = ^/rewritten$ rewrite:/written?c=d',
  'error-route-if = equal:${PATH_INFO};/moved redirect:/new',
  'route = ^/quiet$ donotlog:',
];

function layOut(rig: Rig): void {
  rig.write('static/page.html', '<p>page</p>\n');
  rig.write('static/zipped.html.gz', 'not really compressed');
  rig.write('static/zipped.html', 'compressed');
  rig.write('static/empty.txt', '');
  rig.write('static/untyped', 'plain');
  rig.write('static/large.bin', 'x'.repeat(300_000));
}

/** Sends everything in order, each on a connection of its own, so that both count the same. */
async function sendAll(port: number): Promise<void> {
  for (const { bytes } of REQUESTS) {
    await using client = await HttpClient.connect(port);
    client.send(bytes);
    client.finishSending();
    await client.rest();
  }
}

/** The request lines with nothing replaced but what cannot be the same: process ids, dates, durations, memory. */
function comparable(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line
      .replace(/\[pid: \d+\|/, '[pid: P|')
      .replace(/\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ 123]\d \d\d:\d\d:\d\d \d{4}\]/, '[DATE]')
      .replace(/ in \d+ (msecs|micros)/, ' in T $1')
      .replace(
        /^\{address space usage: (\d+) bytes\/\d+MB\} \{rss usage: (\d+) bytes\/\d+MB\}/,
        '{address space usage: A bytes/AMB} {rss usage: R bytes/RMB}',
      ),
  );
}

async function linesOf(pair: Pair, isRequest: RegExp): Promise<{ ours: string[]; theirs: string[] }> {
  const last = / GET \/last /;
  for (const { program, port } of [pair.ours, pair.theirs]) {
    await sendAll(port);
    await program.waitForLog(last);
  }
  const [ours = [], theirs = []] = [pair.ours, pair.theirs].map(({ program }) =>
    comparable(program.log.lines.filter((line) => isRequest.test(line))),
  );
  return { ours, theirs };
}

const logged = REQUESTS.filter(({ bytes }) => !bytes.startsWith('GET /quiet'));

/** What we should write where uWSGI writes these lines. */
function expected(lines: readonly string[]): string[] {
  return lines.map((line, index) => {
    const instead = logged[index]?.ours?.instead ?? [];
    return instead.reduce((text, [theirs, ours]) => text.replace(theirs, ours), line);
  });
}

/** Sends everything to both with these lines in their configuration. */
async function compare(
  t: TestContext,
  lines: readonly string[],
  isRequest: RegExp = / (?:GET|HEAD|P[A-Z]+|OPTIONS) \//,
): Promise<void> {
  await using rig = Rig.open(t);
  layOut(rig);
  const { ours, theirs } = await linesOf(await startBoth(rig, [...RULES, ...lines]), isRequest);
  assert.equal(theirs.length, logged.length);
  const differing = expected(theirs).flatMap((line, index) =>
    line === ours[index] ? [] : [`${logged[index]?.title}\n  ours:  ${ours[index]}\n  uWSGI: ${line}`],
  );
  assert.equal(differing.join('\n'), '');
}

test('the request line is that of the real uWSGI, to the byte', besideUwsgi, (t) => compare(t, []));

test('log-micros and memory-report change the request line as in the real uWSGI', besideUwsgi, (t) =>
  compare(t, ['log-micros = true', 'memory-report = true']),
);

test('offload-threads changes the request line as in the real uWSGI', besideUwsgi, (t) =>
  compare(t, ['offload-threads = 1']),
);

/** Every variable of log-format that is the same on both. */
const FORMAT = [
  'R %(method) %(uri) %(user) %(addr) %(host) %(proto) %(uagent) %(referer) %(status) %(rsize) %(hsize) %(size) %(cl)',
  '%(vars) %(pktsize) %(modifier1) %(modifier2) %(headers) %(switches) %(core) %(werr) %(rerr) %(ioerr) %(rss) %(vszM)',
  '%(var.HTTP_X_STATUS) %(var.NOTHING) %(nothing) %(metric.nothing) "%(',
].join(' ');

test('log-format has the variables of the real uWSGI', besideUwsgi, (t) =>
  compare(t, [`log-format = ${FORMAT}`], /^R /),
);

test('log-x-forwarded-for takes the address from the header', besideUwsgi, (t) =>
  compare(t, ['log-x-forwarded-for = true']),
);
