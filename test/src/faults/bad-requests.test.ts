import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseAnswer } from '../rig/answer.ts';
import { ask, exchangeBytes, HttpClient, request } from '../rig/http-client.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { startApp, welcomePage } from '../tutorial/project.ts';

const long = 'x'.repeat(100_000);

/** Requests that are refused, by the status they get (RFC 9110, 9112). */
const refused: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  400: {
    'no request line': 'garbage\r\n\r\n',
    'no version': 'GET /\r\nHost: a\r\n\r\n',
    'a blank too many in the request line': 'GET  / HTTP/1.1\r\nHost: a\r\n\r\n',
    'no Host in HTTP/1.1': 'GET / HTTP/1.1\r\n\r\n',
    'two Hosts': 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    'a header without colon': 'GET / HTTP/1.1\r\nHost: a\r\nBroken\r\n\r\n',
    'a blank before the colon': 'GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n',
    'a header continued on the next line': 'GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n',
    'a NUL in a header': 'GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n',
    'a carriage return in a header': 'GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n',
    'a length that is no number': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ten\r\n\r\n',
    'a negative length': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
    'two lengths that differ': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    'a length and chunks':
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'chunked not at the end': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
    'chunks in HTTP/1.0': 'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'the size of a chunk that is no number': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  },
  414: { 'a long URI': `GET /${long} HTTP/1.1\r\nHost: a\r\n\r\n` },
  431: {
    'a long header': `GET / HTTP/1.1\r\nHost: a\r\nX: ${long}\r\n\r\n`,
    'many headers': `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(20_000)}\r\n`,
  },
  501: {
    'an unknown transfer coding': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: rot13, chunked\r\n\r\n0\r\n\r\n',
  },
  505: {
    'a version of the future': 'GET / HTTP/3.0\r\nHost: a\r\n\r\n',
    'a version of the past': 'GET / HTTP/0.9\r\nHost: a\r\n\r\n',
  },
};

test('a request that is refused gets its status, one log line, and the connection closed', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startLimited(rig);
  for (const [status, requests] of Object.entries(refused)) {
    for (const [what, bytes] of Object.entries(requests)) {
      await t.test(`${what} gets ${status}`, async () => {
        const mark = vassal.log.mark();
        await using client = await HttpClient.connect(port);
        client.send(bytes);
        assert.equal((await client.answer()).status, Number(status));
        // A reset may follow the answer where the server closes without reading all of an endless head.
        await client.rest().catch((error: NodeJS.ErrnoException) => assert.equal(error.code, 'ECONNRESET'));
        await assertOneLine(vassal, port, mark);
      });
    }
  }
});

function startLimited(rig: Rig): ReturnType<typeof startApp> {
  return startApp(rig, '--limit-post', '1000');
}

/** Fails unless exactly one line was logged since `mark`; a good request, which is still answered, ends the wait. */
async function assertOneLine(vassal: Program, port: number, mark: number): Promise<void> {
  assert.deepEqual((await ask(port, 'GET /the-end')).body, welcomePage);
  await vassal.waitForLog(/GET \/the-end => /, mark);
  assert.equal(vassal.log.lines.slice(mark).length, 2, vassal.log.lines.slice(mark).join('\n'));
}

test('a body above limit-post gets 413 and the connection closed', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startLimited(rig);
  const mark = vassal.log.mark();
  const bytes = await exchangeBytes(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n');
  assert.equal(parseAnswer(bytes, { isHead: false, atEnd: true })?.status, 413);
  await assertOneLine(vassal, port, mark);
  assert.equal((await ask(port, 'POST /', {}, 'x'.repeat(1000))).status, 200);
});

test('chunks that add up to more than limit-post get 413', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startLimited(rig);
  const chunks = `3e8\r\n${'x'.repeat(1000)}\r\n1\r\ny\r\n0\r\n\r\n`;
  await using client = await HttpClient.connect(port);
  client.send(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`);
  assert.equal((await client.answer()).status, 413);
});

test('what follows a refused request on its connection is not read as another one', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startLimited(rig);
  const smuggled = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
  const bytes = await exchangeBytes(port, `${smuggled}${request('GET /smuggled')}`);
  assert.equal(bytes.toString('latin1').split('HTTP/1.1 ').length, 2, 'one answer');
  await ask(port, 'GET /');
  assert.equal(vassal.log.find(/smuggled/), undefined);
});

test('a client that goes away in the middle of its request disturbs nobody', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startApp(rig);
  for (const part of [
    '',
    'GET / HT',
    'GET / HTTP/1.1\r\nHost: a\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf',
  ]) {
    await using client = await HttpClient.connect(port);
    client.send(part);
    client.reset();
  }
  assert.deepEqual((await ask(port, 'GET /')).body, welcomePage);
});
