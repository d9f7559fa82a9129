import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:http2';
import { test } from 'node:test';

import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { within } from '../rig/until.ts';
import { askHttp2, closed, connectHttp2 } from './http2-client.ts';
import { startSecure } from './project.ts';

test('HTTP/2 is chosen by ALPN and gives an app the variables that HTTP/1.1 gives', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startSecure(rig);
  const session = await connectHttp2(port);
  const { status, headers, body } = await askHttp2(session, {
    ':path': '/a%20b?x=1',
    cookie: ['a=1', 'b=2'],
    'x-thing': 'yes',
  });
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'text/plain');
  assert.equal(headers['content-length'], String(body.length));
  assert.equal(headers.connection, undefined);
  const text = body.toString();
  for (const line of [
    "REQUEST_METHOD='GET'",
    "REQUEST_URI='/a%20b?x=1'",
    "PATH_INFO='/a b'",
    "QUERY_STRING='x=1'",
    "SERVER_PROTOCOL='HTTP/2.0'",
    "HTTPS='on'",
    `HTTP_HOST='localhost:${port}'`,
    "HTTP_COOKIE='a=1; b=2'",
    "HTTP_X_THING='yes'",
    'scheme=https',
  ])
    assert.ok(text.split('\n').includes(line), `${line} in ${text}`);
  await vassal.waitForLog(/GET \/a%20b\?x=1 => generated \d+ bytes in \d+ msecs \(HTTP\/2\.0 200\)/);
  session.close();
});

test('HTTP/2 serves many streams of one connection at once', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startSecure(rig, { lines: ['processes = 2', 'disable-logging = true'] });
  const session = await connectHttp2(port);
  const answers = await Promise.all(
    Array.from({ length: 90 }, (_, index) => askHttp2(session, { ':path': `/${index}` })),
  );
  for (const [index, { body }] of answers.entries())
    assert.match(body.toString(), new RegExp(`^PATH_INFO='/${index}'$`, 'm'));
  session.close();
});

test('HTTP/2 moves large bodies both ways, static files whole, and nothing behind HEAD', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const content = Buffer.alloc(3_000_000, 'static');
  rig.write('public/big.bin', content);
  const { port } = await startSecure(rig, { lines: ['check-static = public'] });
  const session = await connectHttp2(port);
  const sent = Buffer.alloc(2_000_000, 'b');
  assert.ok((await askHttp2(session, { ':method': 'POST', ':path': '/echo' }, sent)).body.equals(sent));
  const declared = { ':method': 'POST', ':path': '/echo', 'content-length': String(sent.length) };
  assert.ok((await askHttp2(session, declared, sent)).body.equals(sent));
  assert.equal((await askHttp2(session, { ':path': '/large' })).body.length, 160 * 65536);
  assert.ok((await askHttp2(session, { ':path': '/big.bin' })).body.equals(content));
  const head = await askHttp2(session, { ':method': 'HEAD', ':path': '/big.bin' });
  assert.equal(head.headers['content-length'], String(content.length));
  assert.equal(head.body.length, 0);
  session.close();
});

test('HTTP/2 answers a body nobody reads, and one that is too long', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startSecure(rig, { lines: ['limit-post = 100000'] });
  const session = await connectHttp2(port);
  const unread = await askHttp2(session, { ':method': 'POST', ':path': '/' }, Buffer.alloc(90_000));
  assert.equal(unread.status, 200);
  const long = { ':method': 'POST', ':path': '/echo', 'content-length': '100001' };
  const refused = session.request(long, { endStream: false });
  refused.on('error', () => undefined);
  const [fields] = (await within(5000, 'a refusal', once(refused, 'response'))) as [Record<string, unknown>];
  assert.equal(fields[':status'], 413);
  assert.equal((await askHttp2(session, { ':path': '/' })).status, 200);
  session.close();
});

test('HTTP/2 refuses heads that are too long or whose path has a NUL, and goes on', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startSecure(rig);
  const session = await connectHttp2(port);
  assert.equal((await askHttp2(session, { ':path': '/', 'x-long': 'x'.repeat(5000) })).status, 431);
  assert.equal((await askHttp2(session, { ':path': '/a%00b' })).status, 400);
  assert.equal((await askHttp2(session, { ':path': '/' })).status, 200);
  session.close();
});

test('HTTP/2 survives a rapid reset and ends the connection', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startSecure(rig, { lines: ['disable-logging = true'] });
  const session = await connectHttp2(port);
  const end = closed(session);
  for (let round = 0; round < 40 && !session.destroyed && !session.closed; round++) {
    for (let index = 0; index < 50 && !session.destroyed && !session.closed; index++) {
      const stream = session.request({ ':path': '/' });
      stream.on('error', () => undefined);
      stream.close(constants.NGHTTP2_CANCEL);
    }
    await new Promise(setImmediate);
  }
  await end;
  const next = await connectHttp2(port);
  assert.equal((await askHttp2(next, { ':path': '/' })).status, 200);
  next.close();
});

test('HTTP/2 connections that only ping are cut', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startSecure(rig);
  const session = await connectHttp2(port);
  const end = closed(session);
  const ping = (): void => {
    if (!session.destroyed) session.ping(() => ping());
  };
  for (let index = 0; index < 5; index++) ping();
  await end;
  await vassal.waitForLog(/floods its HTTP\/2 connection: connection cut$/);
});

test('HTTP/2 connections outlive a reload; a stop tells the client which request was the last', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startSecure(rig);
  const session = await connectHttp2(port);
  assert.equal((await askHttp2(session, { ':path': '/' })).status, 200);
  process.kill(vassal.pid, 'SIGHUP');
  await vassal.waitForLog(/^gracefully \(RE\)spawned uWSGI master process/);
  assert.equal((await askHttp2(session, { ':path': '/' })).status, 200);
  const goaway = once(session, 'goaway');
  const end = closed(session);
  process.kill(vassal.pid, 'SIGTERM');
  assert.equal((await within(10_000, 'GOAWAY', goaway))[0], constants.NGHTTP2_NO_ERROR);
  await end;
  assert.equal((await vassal.waitForExit()).code, 0);
});

test('curl speaks HTTP/2 with it', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startSecure(rig);
  const said = execFileSync(
    'curl',
    ['-sk', '--http2', '-w', '%{http_version} %{http_code}', '-o', '/dev/null', `https://127.0.0.1:${port}/`],
    { encoding: 'utf8' },
  );
  assert.equal(said, '2 200');
});
