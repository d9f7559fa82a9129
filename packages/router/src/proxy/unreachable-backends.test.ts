import assert from 'node:assert/strict';
import test from 'node:test';

import type { BackendDescription } from './backend.ts';
import { FakeBackend, get, ProxyRig, TemporaryDirectory } from './rig.test-support.ts';

const OK = 'HTTP/1.1 200 OK\r\n\r\n';

/** An address where nobody listens. */
async function nobody(): Promise<BackendDescription> {
  const backend = await FakeBackend.open();
  await backend.close();
  return { name: backend.name, address: backend.address };
}

test('Upstream answers 502 when the backend cannot be reached, in words that log watchers know', async () => {
  const backend = await nobody();
  await using rig = new ProxyRig({ backends: [backend] });
  assert.equal(
    await rig.ask(get('/')),
    'HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\nBad Gateway',
  );
  assert.deepEqual(rig.logged, [
    `[uwsgi-http] unable to connect() to node "${backend.name}" (0 retries): Connection refused`,
    `[uwsgi-http] example.com => marking ${backend.name} as failed`,
  ]);
  rig.logged.length = 0;
  await rig.ask(get('/'));
  assert.equal(rig.logged.length, 1);
});

test('Upstream does not log backends that cannot be reached with http-quiet, but that they are set aside', async () => {
  const backend = await nobody();
  await using rig = new ProxyRig({ backends: [backend], quiet: true });
  assert.match(await rig.ask(get('/')), / 502 /);
  assert.deepEqual(rig.logged, [`[uwsgi-http] example.com => marking ${backend.name} as failed`]);
});

test('Upstream names a UNIX socket that is not there', async () => {
  const directory = new TemporaryDirectory();
  const path = `${directory.path}/no.sock`;
  await using rig = new ProxyRig({ backends: [{ name: path, address: { kind: 'unix', path } }] }).with(directory);
  assert.match(await rig.ask(get('/')), / 502 /);
  assert.match(rig.logged[0] ?? '', new RegExp(`node "${path}" \\(0 retries\\): No such file or directory`));
});

test('Upstream uses a backend again at once when it is back and the only one', async () => {
  const first = await FakeBackend.open();
  const { address, name } = first;
  assert.ok(address.kind === 'tcp');
  await first.close();
  await using rig = new ProxyRig({ backends: [{ name, address }] });
  assert.match(await rig.ask(get('/')), / 502 /);
  const second = await FakeBackend.open(address.port);
  rig.with(second);
  const answer = rig.ask(get('/'));
  const peer = await second.connection();
  await peer.until(/HTTP_HOST/);
  peer.end(`${OK}back`);
  assert.match(await answer, /back$/);
});

test('Upstream passes a request on to the next backend when one cannot be reached', async () => {
  const gone = await nobody();
  const backend = await FakeBackend.open();
  await using rig = new ProxyRig({ backends: [gone, { name: backend.name, address: backend.address }] }).with(backend);
  for (let count = 0; count < 3; count++) {
    const answer = rig.ask('POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\nbody');
    const peer = await backend.connection();
    await peer.until(/body$/);
    peer.end(`${OK}hello`);
    assert.match(await answer, /hello$/);
  }
  assert.equal(rig.logged.filter((line) => line.includes('marking')).length, 1);
});

test('Upstream spreads requests over its backends', async () => {
  const backends = [await FakeBackend.open(), await FakeBackend.open()];
  await using rig = new ProxyRig({ backends: backends.map(({ name, address }) => ({ name, address })) });
  for (const backend of backends) rig.with(backend);
  for (let count = 0; count < 6; count++) {
    const answer = rig.ask(get('/'));
    const peer = await backends[count % 2]?.connection();
    await peer?.until(/HTTP_HOST/);
    peer?.end(`${OK}hello`);
    await answer;
  }
  assert.deepEqual(
    backends.map(({ accepted }) => accepted),
    [3, 3],
  );
});

test('Upstream turns to the fallbacks, in their order, when no backend can be reached', async () => {
  const [gone, alsoGone, backend] = [await nobody(), await nobody(), await FakeBackend.open()];
  await using rig = new ProxyRig({
    backends: [gone],
    fallbacks: [alsoGone, { name: backend.name, address: backend.address }],
  }).with(backend);
  const answer = rig.ask(get('/'));
  const peer = await backend.connection();
  await peer.until(/HTTP_HOST/);
  peer.end(`${OK}fallback`);
  assert.match(await answer, /fallback$/);
  assert.deepEqual(rig.logged, [
    `[uwsgi-http] unable to connect() to node "${gone.name}" (0 retries): Connection refused`,
    `[uwsgi-http] example.com => marking ${gone.name} as failed`,
    `[uwsgi-http] unable to connect() to node "${alsoGone.name}" (1 retries): Connection refused`,
  ]);
});
