import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';

import { ask, HttpClient, request } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, repository } from '../rig/subject.ts';
import { type Listeners, startListeners } from './listeners.ts';

const app = readFileSync(`${repository}test/fixtures/apps/large_answers.py`, 'utf8');
const CHUNKED = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

async function open(t: TestContext, ...lines: string[]): Promise<Listeners & { rig: Rig }> {
  const rig = Rig.open(t);
  return { rig, ...(await startListeners(rig, app, lines)) };
}

/** The status of what comes back before the server closes. */
async function refusalOf(port: number, bytes: string): Promise<number> {
  await using client = await HttpClient.connect(port);
  client.send(bytes);
  const { status } = await client.answer();
  assert.equal((await client.rest()).length, 0);
  return status;
}

test('chunked-input-limit and http-manage-expect bound what a client may send', oursOnly, async (t) => {
  const { rig, ports } = await open(t, 'chunked-input-limit = 5', 'http-manage-expect = 4');
  await using _ = rig;
  for (const port of [ports.http, ports['http-socket']]) {
    assert.equal(await refusalOf(port, `${CHUNKED}6\r\nhello!\r\n0\r\n\r\n`), 413);
    await using client = await HttpClient.connect(port);
    client.send(`${CHUNKED}5\r\nhello\r\n0\r\n\r\n`);
    assert.equal((await client.answer()).body.toString(), 'hello');
  }
  const asking = { Expect: '100-continue', 'Content-Length': '5' };
  assert.equal(await refusalOf(ports.http, request('POST /', asking)), 413);
  await using polite = await HttpClient.connect(ports.http);
  polite.send(request('POST /', { ...asking, 'Content-Length': '4' }));
  await polite.received('HTTP/1.1 100 Continue\r\n\r\n'.length);
});

test('response-headers-limit puts a 500 in the place of an answer with a longer head', oursOnly, async (t) => {
  const { rig, vassal, ports } = await open(t, 'response-headers-limit = 4096');
  await using _ = rig;
  assert.equal((await ask(ports.http, 'GET /long-head')).status, 500);
  await vassal.waitForLog(/the head of the answer has 50\d\d bytes, more than 4096 \(option response-headers-limit\)/);
  assert.equal((await ask(ports.http, 'GET /')).status, 200);
});

for (const ignores of [false, true]) {
  test(
    `a client that goes away is ${ignores ? 'passed over with ignore-write-errors' : 'logged'}`,
    oursOnly,
    async (t) => {
      const { rig, vassal, ports } = await open(
        t,
        ...(ignores ? ['ignore-write-errors = true', 'disable-write-exception = true'] : []),
      );
      await using _ = rig;
      for (const path of ['/endless', '/write']) {
        const mark = vassal.log.mark();
        await using client = await HttpClient.connect(ports['http-socket']);
        client.send(request(`GET ${path}`));
        await client.received(1000);
        client.reset();
        await vassal.waitForLog(new RegExp(`GET ${path} => generated \\d+ bytes`), mark);
        const told = new RegExp(`uwsgi_response_write_body_do\\(\\): Connection reset by peer during GET ${path} `);
        assert.equal(vassal.log.find(told) === undefined, ignores);
        if (path === '/write')
          await vassal.waitForLog(ignores ? /^the app wrote all of it/ : /^the app got OSError\('write error'\)/);
        else if (!ignores) await vassal.waitForLog(/^OSError: write error$/, mark);
      }
      assert.equal(vassal.log.find(/OSError: write error/) === undefined, ignores);
    },
  );
}

test('socket-timeout ends heads, bodies and chunks that drip, and answers nobody takes', oursOnly, async (t) => {
  const { rig, vassal, ports } = await open(t, 'socket-timeout = 1', 'http-timeout = 1', 'chunked-input-timeout = 1');
  await using _ = rig;
  const port = ports['http-socket'];
  const stalled = await HttpClient.connect(port);
  stalled.send(request('GET /endless'));
  await stalled.received(1000);
  stalled.pause();
  const [head, body, chunk] = await Promise.all([
    refusalOf(port, 'GET / HTTP/1.1\r\nHost: a\r\n'),
    refusalOf(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf'),
    refusalOf(port, `${CHUNKED}5\r\nhello\r\n`),
  ]);
  assert.deepEqual([head, body, chunk], [408, 408, 408]);
  await vassal.waitForLog(/127\.0\.0\.1 took nothing of its answer in time: connection cut/);
  await stalled[Symbol.asyncDispose]();
});
