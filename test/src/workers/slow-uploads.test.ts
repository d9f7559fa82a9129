import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask, HttpClient } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { startInstance } from '../instance/project.ts';

const APP = `
def application(environ, start_response):
    size = len(environ['wsgi.input'].read())
    start_response('200 OK', [])
    return [b'%d' % size]
`;

test('clients that upload slowly never occupy all workers', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startInstance(rig, ['processes = 2', 'touch-reload = app.py']);
  rig.write('app.py', APP);
  await vassal.waitForLog(/^gracefully \(RE\)spawned/);
  const slow = await Promise.all(Array.from({ length: 4 }, () => HttpClient.connect(port)));
  for (const client of slow)
    client.send('POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 1000\r\n\r\nbegins');
  for (let count = 0; count < 5; count++) assert.equal((await ask(port, 'GET /')).status, 200);
  for (const client of slow) client.send('x'.repeat(994));
  for (const client of slow) {
    assert.equal((await client.answer()).body.toString(), '1000');
    await client[Symbol.asyncDispose]();
  }
});
