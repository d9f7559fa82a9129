import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { test } from 'node:test';

import { request } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { patienceMs, within } from '../rig/until.ts';
import { makeChain } from './certificates.ts';
import { askHttp2, connectHttp2On } from './http2-client.ts';
import { startSecure } from './project.ts';
import { askTls, connectTls } from './tls-client.ts';

/** TLS on a connection that begins with something else, in pieces of this many bytes. */
async function connectBehind(port: number, header: string, pieceBytes: number = header.length): Promise<TLSSocket> {
  const plain = connectTcp(port, '127.0.0.1').setNoDelay();
  await once(plain, 'connect');
  for (let at = 0; at < header.length; at += pieceBytes) {
    plain.write(header.slice(at, at + pieceBytes), 'latin1');
    await new Promise((resolve) => setImmediate(resolve));
  }
  const socket = connect({ socket: plain, rejectUnauthorized: false });
  await within(patienceMs, 'the TLS handshake', once(socket, 'secureConnect'));
  return socket;
}

const HEADER = 'PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n';

test(
  'http-enable-proxy-protocol takes the header in front of TLS, and shows the app the client it names',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t);
    const { port, vassal } = await startSecure(rig, { lines: ['http-enable-proxy-protocol = true'] });
    for (const pieceBytes of [HEADER.length, 7, 1]) {
      const socket = await connectBehind(port, HEADER, pieceBytes);
      const text = (await askTls(socket, request('GET /'))).body.toString();
      socket.destroy();
      for (const line of ["REMOTE_ADDR='192.0.2.7'", "REMOTE_PORT='4711'", `SERVER_PORT='${port}'`, "HTTPS='on'"])
        assert.ok(text.split('\n').includes(line), `${line} in ${text}`);
    }
    const plain = await connectBehind(port, '');
    assert.match((await askTls(plain, request('GET /'))).body.toString(), /^REMOTE_ADDR='127\.0\.0\.1'$/m);
    plain.destroy();
    const broken = connectTcp(port, '127.0.0.1');
    broken.end('PROXY TCP4 nobody 192.0.2.1 4711 443\r\n');
    broken.resume();
    await once(broken, 'close');
    await vassal.waitForLog(/refused a connection from 127\.0\.0\.1: a broken header of the PROXY protocol: /);
  },
);

test('HTTP/2 requests come from the client that a proxy in front of TLS names', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startSecure(rig, { lines: ['http-enable-proxy-protocol = true'] });
  const plain = connectTcp(port, '127.0.0.1');
  await once(plain, 'connect');
  plain.write(HEADER);
  const socket = connect({ socket: plain, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  await within(patienceMs, 'the TLS handshake', once(socket, 'secureConnect'));
  const session = connectHttp2On(socket);
  const { body } = await askHttp2(session, { ':path': '/' });
  assert.match(body.toString(), /^REMOTE_ADDR='192\.0\.2\.7'$/m);
  session.close();
});

test('http2 = false offers HTTP/1.1 only, from a reload on too', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port, vassal } = await startSecure(rig, { lines: ['http2 = true'] });
  const chosen = async (): Promise<string | false | null> => {
    const socket = await connectTls(port, { ALPNProtocols: ['h2', 'http/1.1'] });
    socket.destroy();
    return socket.alpnProtocol;
  };
  assert.equal(await chosen(), 'h2');
  rig.write('uwsgi.ini', readFileSync(rig.path('uwsgi.ini'), 'utf8').replace('http2 = true', 'http2 = false'));
  vassal.signal('SIGHUP');
  await vassal.waitForLog(/^gracefully \(RE\)spawned/);
  assert.equal(await chosen(), 'http/1.1');
});

test('ssl-verify-depth bounds how far a client is from the authority', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const chain = makeChain(rig);
  const { port, vassal } = await startSecure(rig, {
    behindKey: ',,!root.crt',
    lines: ['ssl-verify-depth = 0', 'ssl-verbose = true'],
  });
  const near = await connectTls(port, chain.near);
  assert.equal((await askTls(near, request('GET /'))).status, 200);
  near.destroy();
  const far = await connectTls(port, chain.far);
  far.on('error', () => undefined);
  await once(far, 'close');
  await vassal.waitForLog(/closed: its certificate has more than 0 others between itself and the authority/);
});
