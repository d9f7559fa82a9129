import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { ask, exchangeBytes, request } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, skipFor } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { makeCertificate } from './certificates.ts';
import { startSecure } from './project.ts';
import { askTls, connectTls, hostOf } from './tls-client.ts';

const KEEP = { Connection: 'keep-alive' };

test('https serves an app behind TLS, with HTTPS and the https scheme in its environ', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startSecure(rig);
  await vassal.waitForLog(new RegExp(`^uWSGI http bound on 127\\.0\\.0\\.1:${port} fd \\d+$`));
  const socket = await connectTls(port);
  assert.equal(socket.getProtocol(), 'TLSv1.3');
  for (const path of ['/one', '/two']) {
    const text = (await askTls(socket, request(`GET ${path}`, KEEP))).body.toString();
    assert.match(text, new RegExp(`^PATH_INFO='${path}'$`, 'm'));
    assert.match(text, /^UWSGI_ROUTER='http'\nHTTPS='on'\nREMOTE_ADDR='127\.0\.0\.1'\nREMOTE_PORT='\d+'$/m);
    assert.match(text, /^scheme=https$/m);
  }
  socket.destroy();
});

test('https-socket serves without the router', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startSecure(rig, { option: 'https-socket' });
  const socket = await connectTls(port);
  const text = (await askTls(socket, request('GET /', KEEP))).body.toString();
  assert.match(text, /^REMOTE_ADDR='127\.0\.0\.1'\nHTTPS='on'$/m);
  assert.doesNotMatch(text, /UWSGI_ROUTER/);
  socket.destroy();
});

test('https moves large bodies both ways and static files whole', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const content = Buffer.alloc(3_000_000, 'static');
  rig.write('public/big.bin', content);
  const { port } = await startSecure(rig, { lines: ['check-static = public'] });
  const socket = await connectTls(port);
  const body = 'b'.repeat(2_000_000);
  assert.equal((await askTls(socket, request('POST /echo', KEEP, body))).body.toString(), body);
  assert.equal((await askTls(socket, request('GET /large', KEEP))).body.length, 160 * 65536);
  assert.ok((await askTls(socket, request('GET /big.bin', KEEP))).body.equals(content));
  socket.destroy();
});

test('https resumes sessions', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startSecure(rig);
  const first = await connectTls(port, { maxVersion: 'TLSv1.2' });
  const session = first.getSession();
  assert.ok(session !== undefined);
  first.destroy();
  const second = await connectTls(port, { maxVersion: 'TLSv1.2', session });
  assert.ok(second.isSessionReused());
  second.destroy();
});

test('https refuses TLS 1.1 and survives what is not TLS', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startSecure(rig, { lines: ['ssl-verbose = true'] });
  assert.throws(() =>
    execFileSync('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], {
      input: '',
      stdio: 'pipe',
    }),
  );
  assert.equal((await exchangeBytes(port, request('GET /'))).length, 0);
  await vassal.waitForLog(/TLS handshake with 127\.0\.0\.1 failed: http request$/);
  const socket = await connectTls(port);
  assert.match((await askTls(socket, request('GET /', KEEP))).body.toString(), /HTTPS='on'/);
  socket.destroy();
});

test('https reads a renewed certificate and keeps the connections it has', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startSecure(rig);
  const before = await connectTls(port);
  assert.equal(hostOf(before), 'localhost');
  rig.write('localhost.key', 'no key');
  await vassal.waitForLog(/the former one stays: the key ".*localhost\.key" is not in PEM format/);
  makeCertificate(rig, 'localhost', 'renewed');
  await vassal.waitForLog(/localhost\.crt has changed: new connections get the new one$/);
  const after = await connectTls(port);
  assert.equal(hostOf(after), 'renewed');
  for (const socket of [before, after]) {
    assert.match((await askTls(socket, request('GET /', KEEP))).body.toString(), /HTTPS='on'/);
    socket.destroy();
  }
});

test('https takes another certificate from the configuration at a reload', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startSecure(rig);
  const before = await connectTls(port);
  makeCertificate(rig, 'other');
  rig.write(
    'uwsgi.ini',
    `[uwsgi]\nmaster = true\nhttps = 127.0.0.1:${port},other.crt,other.key\nmodule = app\nhttp-keepalive = 1\n`,
  );
  process.kill(vassal.pid, 'SIGHUP');
  await until('the other certificate is served', async () => {
    const socket = await connectTls(port);
    const host = hostOf(socket);
    socket.destroy();
    return host === 'other';
  });
  assert.match((await askTls(before, request('GET /', KEEP))).body.toString(), /HTTPS='on'/);
  before.destroy();
});

const rootNeeded = { skip: process.getuid?.() !== 0 && 'only root can become somebody else' } as const;

test('a reload keeps a key that only root could read at the start', skipFor(rootNeeded, oursOnly), async (t) => {
  await using rig = Rig.open(t);
  makeCertificate(rig, 'localhost');
  chmodSync(rig.path('localhost.key'), 0o600);
  chmodSync(rig.directory, 0o755);
  const port = await rig.port();
  const listen = `https = 127.0.0.1:${port},localhost.crt,localhost.key`;
  rig.write('uwsgi.ini', ['[uwsgi]', 'uid = nobody', listen, 'http-to = 127.0.0.1:9', 'processes = 0', ''].join('\n'));
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(/^spawned uWSGI http 1 /);
  vassal.signal('SIGHUP');
  await vassal.waitForLog(
    /uwsgi\.ini:3: cannot read the key .*: this user may not read it: what was read at the start stays/,
  );
  await vassal.waitForLog(/^gracefully \(RE\)spawned/);
  const socket = await connectTls(port);
  assert.equal(hostOf(socket), 'localhost');
  socket.destroy();
});

test('sni, sni-regexp and sni-dir choose the certificate by host', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  for (const name of ['one', 'two', 'three']) makeCertificate(rig, name);
  rig.write('sites/.keep', '');
  const { port } = await startSecure(rig, {
    lines: [
      'sni = one.example one.crt,one.key',
      'sni-regexp = ^[a-z]+\\.two\\.example$ two.crt,two.key',
      'sni-dir = sites',
    ],
  });
  const served = async (servername: string): Promise<string> => {
    const socket = await connectTls(port, { servername });
    const host = hostOf(socket);
    socket.destroy();
    return host;
  };
  assert.equal(await served('one.example'), 'one');
  assert.equal(await served('www.two.example'), 'two');
  assert.equal(await served('three.example'), 'localhost');
  makeCertificate(rig, 'sites/three.example', 'three');
  assert.equal(await served('three.example'), 'three');
  assert.equal(await served('..'), 'localhost');
});

test('a client certificate is asked for, checked and given to the app', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const client = makeCertificate(rig, 'client');
  const { vassal, port } = await startSecure(rig, {
    behindKey: ',,!client.crt',
    lines: ['https-export-cert = true', 'ssl-verbose = true'],
  });
  const stranger = makeCertificate(rig, 'stranger');
  const show = (files: typeof client) => ({ cert: readFileSync(files.certificate), key: readFileSync(files.key) });
  const socket = await connectTls(port, show(client));
  const text = (await askTls(socket, request('GET /', KEEP))).body.toString();
  assert.match(text, /^HTTPS_DN='\/CN=client'\nHTTPS_CC='-----BEGIN CERTIFICATE-----\\n/m);
  socket.destroy();
  for (const options of [{}, show(stranger)]) {
    const refused = await connectTls(port, options);
    refused.on('error', () => undefined);
    await once(refused, 'close');
  }
  await vassal.waitForLog(/TLS connection of 127\.0\.0\.1 closed: it has shown no certificate$/);
  await vassal.waitForLog(/closed: its certificate is not accepted: /);
});

test('a certificate that cannot be used is told in one sentence with its line', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  makeCertificate(rig, 'one');
  makeCertificate(rig, 'two');
  rig.write('text.crt', 'no certificate');
  const port = await rig.port();
  const cases: readonly (readonly [string, RegExp])[] = [
    ['missing.crt,one.key', /uwsgi\.ini:2: cannot read the certificate ".*missing\.crt": there is no such file/],
    ['one.crt,two.key', /uwsgi\.ini:2: the key ".*two\.key" does not belong to the certificate ".*one\.crt"/],
    ['text.crt,one.key', /uwsgi\.ini:2: the certificate ".*text\.crt" is not in PEM format/],
    ['one.crt,one.key,NOTHING', /uwsgi\.ini:2: the cipher list "NOTHING" names no cipher/],
    ['one.crt', /uwsgi\.ini:2: https = .*: expected ADDRESS,CERTIFICATE,KEY/],
  ];
  for (const [files, sentence] of cases) {
    rig.write('uwsgi.ini', `[uwsgi]\nhttps = 127.0.0.1:${port},${files}\n`);
    const vassal = await rig.vassal(['uwsgi.ini']);
    await vassal.waitForLog(sentence);
    assert.equal((await vassal.waitForExit()).code, 1);
    assert.doesNotMatch(vassal.log.tail(100), /^ +at /m);
    rig.programs.splice(0);
  }
});

test('http-to-https sends clients to https, with the host and path they asked for', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const plain = await rig.port();
  await startSecure(rig, { lines: [`http-to-https = 127.0.0.1:${plain}`] });
  const found = await ask(plain, 'GET /x?y=1', { Host: 'example.com:8080' });
  assert.equal(found.status, 301);
  assert.match(found.head, /^Location: https:\/\/example\.com\/x\?y=1\r?$/m);
  const posted = await ask(plain, 'POST http://other.example/x', {}, 'a=1');
  assert.equal(posted.status, 308);
  assert.match(posted.head, /^Location: https:\/\/other\.example\/x\r?$/m);
});
