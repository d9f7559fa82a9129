import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { type Answer, header } from '../rig/answer.ts';
import { HttpClient } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, repository } from '../rig/subject.ts';
import { startListeners } from './listeners.ts';

/**
 * What becomes of a broken answer: its status and body, and the connection afterwards. `goes on`: the next answer is in step;
 * `closes`: it says so and does; `cut`: the client can see that something is missing.
 */
type Outcome = readonly [status: number, body: string, connection: 'goes on' | 'closes' | 'cut'];

const ERROR: Outcome = [500, 'Internal Server Error', 'closes'];
const OUTCOMES: Readonly<Record<string, Outcome>> = {
  '/too-short': [200, '', 'cut'],
  '/too-short-streamed': [200, '', 'cut'],
  '/raises-in-mid-body': [200, '', 'cut'],
  '/too-long': [200, '12345', 'goes on'],
  '/too-long-streamed': [200, '12345', 'goes on'],
  '/length-twice': [200, '12345', 'goes on'],
  '/lengths-differ': [200, '12345', 'goes on'],
  '/length-of-nothing': [200, '12345', 'goes on'],
  '/length-with-sign': [200, '12345', 'goes on'],
  '/own-chunks': [200, '12345', 'closes'],
  '/keep-alive': [200, '12345', 'goes on'],
  '/no-content-with-body': [204, '', 'goes on'],
  '/no-content-with-length': [204, '', 'goes on'],
  '/not-modified-with-body': [304, '', 'goes on'],
  '/line-break-in-value': ERROR,
  '/line-feed-in-value': ERROR,
  '/carriage-return-in-value': ERROR,
  '/split-in-value': ERROR,
  '/nul-in-value': ERROR,
  '/line-break-in-name': ERROR,
  '/line-break-in-reason': ERROR,
  '/interim-status': ERROR,
  '/switching-status': ERROR,
};
/** Of these nobody can say where the body ends: what matters is that the connection does. */
const ENDLESS = ['/own-broken-chunks', '/length-and-chunks'];

const request = (method: string, path: string): string => `${method} ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

async function assertInStep(client: HttpClient): Promise<void> {
  client.send(request('GET', '/next'));
  const answer = await client.answer();
  assert.deepEqual([answer.status, answer.body.toString()], [200, 'next']);
  assert.equal(header(answer, 'connection'), 'keep-alive');
}

async function check(port: number, path: string, [status, body, connection]: Outcome): Promise<void> {
  await using client = await HttpClient.connect(port);
  client.send(request('GET', path));
  if (connection === 'cut') {
    await assert.rejects(client.answer());
    return;
  }
  const answer: Answer = await client.answer();
  assert.deepEqual([answer.status, answer.body.toString()], [status, body]);
  assert.equal(header(answer, 'x-c'), undefined);
  if (connection === 'goes on') {
    await assertInStep(client);
  } else {
    assert.equal(header(answer, 'connection'), 'close');
    assert.equal((await client.rest()).length, 0);
  }
}

test('an answer broken by its app never spoils the next one of the connection', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const app = readFileSync(`${repository}test/fixtures/apps/broken_answers.py`, 'utf8');
  const { ports } = await startListeners(rig, app);
  for (const listener of ['http', 'http-socket'] as const) {
    const port = ports[listener];
    for (const [path, outcome] of Object.entries(OUTCOMES))
      await t.test(`${path} on ${listener}`, () => check(port, path, outcome));
    for (const path of ENDLESS) {
      await t.test(`${path} on ${listener}`, async () => {
        await using client = await HttpClient.connect(port);
        client.send(request('GET', path));
        assert.match((await client.rest()).toString('latin1'), /^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n/);
      });
    }
    await t.test(`HEAD on ${listener}`, async () => {
      for (const [path, [status, , connection]] of Object.entries(OUTCOMES)) {
        if (connection !== 'goes on') continue;
        await using client = await HttpClient.connect(port);
        client.send(request('HEAD', path));
        const answer = await client.answer('HEAD');
        assert.deepEqual([answer.status, answer.body.length], [status, 0], path);
        await assertInStep(client);
      }
    });
  }
});
