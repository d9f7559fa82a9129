import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask, exchangeBytes } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { assertAnswer } from './expect.ts';
import { startApp, welcomePage } from './project.ts';

test('the tutorial’s app, a generator, is served byte for byte', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startApp(rig);

  assert.equal(welcomePage.length, 191);
  const answer = await ask(port, 'GET /');
  assertAnswer(answer, { statusLine: 'HTTP/1.1 200 OK', headers: ['Content-Type: text/html'], body: welcomePage });
});

test('the tutorial’s app answers HTTP/1.0 in HTTP/1.0, and closes', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startApp(rig);

  const bytes = (await exchangeBytes(port, 'GET / HTTP/1.0\r\n\r\n')).toString('latin1');
  assert.match(bytes, /^HTTP\/1\.0 200 OK\r\nContent-Type: text\/html\r\n/);
  assert.ok(bytes.endsWith(`\r\n\r\n${welcomePage.toString('latin1')}`), bytes);
});
