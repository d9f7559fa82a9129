import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { test, type TestContext } from 'node:test';

import { type Answer, header } from '../rig/answer.ts';
import { ask, HttpClient } from '../rig/http-client.ts';
import { privateBytesOfTree } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';
import { debianPython, needs } from '../run/parts.ts';
import { startWsgi } from './start.ts';

const UPLOAD_BYTES = 200_000_000;
/** What all processes may grow by while they pass on an upload, garbage included: none of them may hold it. */
const MAX_GROWTH_BYTES = 80_000_000;
const BLOCK = Buffer.alloc(1_000_000, 'The quick brown fox jumps over the lazy dog. ');

/** Sends a form with a file of `UPLOAD_BYTES`, as a browser does. */
async function upload(port: number): Promise<{ answer: Answer; sha1: string }> {
  const begin = `--bound\r\nContent-Disposition: form-data; name="note"\r\n\r\nlarge\r\n--bound\r\nContent-Disposition: form-data; name="file"; filename="fox.txt"\r\nContent-Type: text/plain\r\n\r\n`;
  const end = '\r\n--bound--\r\n';
  const length = begin.length + UPLOAD_BYTES + end.length;
  await using client = await HttpClient.connect(port);
  client.send(
    `POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=bound\r\nContent-Length: ${length}\r\n\r\n${begin}`,
  );
  const digest = createHash('sha1');
  for (let sent = 0; sent < UPLOAD_BYTES; sent += BLOCK.length) {
    client.send(BLOCK);
    digest.update(BLOCK);
  }
  client.send(end);
  return { answer: await client.answer(), sha1: digest.digest('hex') };
}

async function behavesLikeASite(t: TestContext, app: string): Promise<void> {
  await using rig = Rig.open(t);
  const { vassal, port } = await startWsgi(rig, app, `py-programname = ${debianPython}`, 'threads = 2');

  await t.test('a session counts', async () => {
    let cookie = '';
    for (let count = 1; count <= 5; count++) {
      const answer = await ask(port, 'GET /count', { Cookie: cookie });
      assert.equal(answer.body.toString(), String(count));
      cookie = header(answer, 'Set-Cookie')?.split(';')[0] ?? '';
    }
  });

  await t.test('an upload of 200 MB arrives', async () => {
    const before = privateBytesOfTree(vassal.pid);
    const { answer, sha1 } = await upload(port);
    assert.deepEqual(JSON.parse(answer.body.toString()), { name: 'fox.txt', size: UPLOAD_BYTES, sha1, note: 'large' });
    const growth = privateBytesOfTree(vassal.pid) - before;
    assert.ok(growth < MAX_GROWTH_BYTES, `grew by ${growth} bytes`);
  });

  await t.test('a stream arrives whole, and a HEAD of it has no body', async () => {
    const { body } = await ask(port, 'GET /stream');
    assert.equal(body.toString(), Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join(''));
    const head = await ask(port, 'HEAD /stream');
    assert.deepEqual([head.status, head.body.length], [200, 0]);
  });

  await t.test('a file is sent by the vassal', async () => {
    const content = Buffer.alloc(5_000_000, BLOCK);
    const path = rig.write('large.bin', content);
    const mark = vassal.log.mark();
    const answer = await ask(port, `GET /file?path=${path}`);
    assert.equal(header(answer, 'Content-Length'), String(content.length));
    assert.ok(answer.body.equals(content));
    await vassal.waitForLog(
      /GET \/file\S* => generated 5000000 bytes in \d+ msecs via sendfile\(\) \(HTTP\/1\.1 200\)/,
      mark,
    );
  });

  await t.test('a view that fails is a 500 of the framework', async () => {
    assert.equal((await ask(port, 'GET /fail')).status, 500);
    assert.equal((await ask(port, 'GET /count')).status, 200);
  });

  await t.test('wsgiref.validate has nothing to say', () => {
    assert.deepEqual(
      vassal.log.lines.filter((line) => line.includes('AssertionError') || line.includes('WSGIWarning')),
      [],
    );
  });
}

test('Flask, checked by wsgiref.validate', needs('flask'), (t) => behavesLikeASite(t, 'flask_site'));

test('Django, checked by wsgiref.validate', needs('django'), (t) => behavesLikeASite(t, 'django_site'));
