import assert from 'node:assert/strict';
import { test } from 'node:test';

import { exchangeBytes, request } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { startInstance } from './project.ts';

const APP = [
  'def application(environ, start_response):',
  "    start_response('200 OK', [('Content-Type', 'text/plain')])",
  "    return [environ['REMOTE_ADDR'].encode()]",
  '',
].join('\n');

test('enable-proxy-protocol shows the app the client that the proxy names', async (t) => {
  await using rig = Rig.open(t);
  const { port, vassal } = await startInstance(rig, ['enable-proxy-protocol = true', 'touch-reload = app.py']);
  rig.write('app.py', APP);
  await vassal.waitForLog(/^gracefully \(RE\)spawned/);
  const announced = await exchangeBytes(port, `PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n${request('GET /')}`);
  assert.match(announced.toString(), /\r\n\r\n192\.0\.2\.7$/);
  const plain = await exchangeBytes(port, request('GET /'));
  assert.match(plain.toString(), /\r\n\r\n127\.0\.0\.1$/);
});
