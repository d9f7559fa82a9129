import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { exchangeBytes, HttpClient, request } from '../rig/http-client.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, skipFor } from '../rig/subject.ts';
import { until } from '../rig/until.ts';

const ENVIRON_APP = `
def application(environ, start_response):
    body = environ['wsgi.input'].read()
    start_response('200 OK', [('Content-Type', 'text/plain')])
    lines = ['%s=%s' % item for item in environ.items() if item[0].isupper()]
    return ['\\n'.join(lines + ['body=%d' % len(body)]).encode()]
`;

/** An app behind the router of its own instance. */
async function startRouted(rig: Rig, options: readonly string[]): Promise<{ vassal: Program; port: number }> {
  rig.write('app.py', ENVIRON_APP);
  const port = await rig.port();
  const vassal = await rig.vassal(['--master', '--http', `127.0.0.1:${port}`, '--wsgi-file', 'app.py', ...options]);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  return { vassal, port };
}

test('http-server-name-as-http-host and http-var change what the app sees', async (t) => {
  await using rig = Rig.open(t);
  const options = ['--http-server-name-as-http-host', 'true', '--http-var', 'COLOUR=red=blue'];
  const { port } = await startRouted(rig, options);
  const answer = (await exchangeBytes(port, request('GET /', { Host: 'x.org:99' }))).toString();
  assert.match(answer, /^SERVER_NAME=x\.org:99$/m);
  assert.match(answer, /^COLOUR=red=blue$/m);
});

test('http-manage-expect refuses a body that is too large before it is sent', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startRouted(rig, ['--http-manage-expect=100']);
  const head = { Expect: '100-continue', 'Content-Length': '101' };
  const refused = await exchangeBytes(port, request('POST /', head));
  assert.match(refused.toString(), /^HTTP\/1\.1 413 /);
  const taken = await exchangeBytes(port, request('POST /', { Expect: '100-continue' }, '12345'));
  assert.match(taken.toString(), /^HTTP\/1\.1 (?:100 Continue\r\n\r\nHTTP\/1\.1 )?200 OK\r\n[^]*body=5$/);
});

test('so-keepalive has the kernel probe connections', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startRouted(rig, ['--so-keepalive']);
  await using _client = await HttpClient.connect(port);
  const keepAliveTimer = '02';
  const established = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} [0-9A-F]+:[0-9A-F]{4} 01 `);
  await until('the connection has a timer for probes', () =>
    readFileSync('/proc/net/tcp', 'latin1')
      .split('\n')
      .some((line) => established.test(line) && line.trim().split(/\s+/)[5]?.startsWith(keepAliveTimer)),
  );
});

test('reuse-port lets a second instance have the same port', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startRouted(rig, ['--reuse-port']);
  const second = await rig.vassal(['--http', `127.0.0.1:${port}`, '--http-to', '127.0.0.1:9', '--reuse-port']);
  await second.waitForLog(/^spawned uWSGI http 1 /);
});

test('freebind takes an address that the machine does not have', async (t) => {
  await using rig = Rig.open(t);
  const vassal = await rig.vassal(['--http', '192.0.2.1:8099', '--http-to', '127.0.0.1:9', '--freebind']);
  await vassal.waitForLog(/^uWSGI http bound on 192\.0\.2\.1:8099 fd \d+$/);
  await vassal.waitForLog(/^spawned uWSGI http 1 /);
});

const rootNeeded = { skip: process.getuid?.() !== 0 && 'only root can become somebody else' } as const;

test('http-uid makes a pure router somebody else', skipFor(rootNeeded, oursOnly), async (t) => {
  await using rig = Rig.open(t);
  const port = await rig.port();
  const backend = ['--http-to', '127.0.0.1:9'];
  const router = await rig.vassal(['--http', `127.0.0.1:${port}`, ...backend, '--http-uid', 'nobody']);
  await router.waitForLog(/^spawned uWSGI http 1 /);
  assert.match(readFileSync(`/proc/${router.pid}/status`, 'utf8'), /^Uid:\t65534\t65534\t/m);
});

test('http-uid beside an app that stays somebody else is refused', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  rig.write('app.py', ENVIRON_APP);
  const vassal = await rig.vassal(['--http', '127.0.0.1:0', '--wsgi-file', 'app.py', '--http-uid', 'nobody']);
  assert.equal((await vassal.waitForExit()).code, 1);
  await vassal.waitForLog(
    /http-uid = nobody: the router shares the process of the instance, .*set uid to the same user/,
  );
});
