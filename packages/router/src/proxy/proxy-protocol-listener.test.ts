import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import net from 'node:net';
import test from 'node:test';

import { type Exchange, HttpServer, TimerWheel } from '@emperor/http';
import { listenTcp } from '@emperor/posix';
import { NodeTransport } from '@emperor/transport';

import { Peer } from './peer.test-support.ts';
import { acceptProxied } from './proxy-protocol-listener.ts';
import { get, startPair } from './rig.test-support.ts';

/** A server that answers with the client's address, behind a listener that takes headers of the PROXY protocol. */
async function talk(
  timeoutMs: number,
  say: (client: Peer) => Promise<void> | void,
): Promise<[text: string, log: string]> {
  const wheel = new TimerWheel();
  const logged: string[] = [];
  const socket = listenTcp('127.0.0.1', 0);
  const times = {
    headTimeoutMs: 60_000,
    bodyTimeoutMs: 60_000,
    chunkTimeoutMs: 60_000,
    writeTimeoutMs: 60_000,
    idleTimeoutMs: 60_000,
  };
  const sizes = { chunkBytes: 0, expectedBytes: 0, answerHeadBytes: 65_536 };
  const complain = (message: string): void => void logged.push(message);
  const server = new HttpServer(
    {
      listener: { protocol: 'http', name: '' },
      limits: { headBytes: 4096, bodyBytes: 0, ...times, ...sizes },
      handle: (exchange: Exchange) => {
        const { variables } = exchange;
        const text = `${variables.get('REMOTE_ADDR')} ${variables.get('REMOTE_PORT')}`;
        exchange.respond({ status: 200, reason: 'OK', headers: [] }, Buffer.from(text));
      },
      finished: () => {},
      complain,
      serverName: 'host',
      serverPort: String(socket.port),
      router: 'http',
      secure: false,
      keepAlive: true,
      filters: [],
    },
    wheel,
  );
  const listener = new NodeTransport().listen(
    socket.descriptor,
    { kind: 'tcp', host: '127.0.0.1', port: socket.port },
    acceptProxied(server.accept, { wheel, timeoutMs, complain }),
  );
  const client = new Peer(net.connect({ port: socket.port, host: '127.0.0.1', allowHalfOpen: true }));
  await once(client.socket, 'connect');
  const own = String(client.socket.localPort);
  await say(client);
  const text = await client.ended();
  client.end();
  listener.close();
  server.destroy();
  await client.closed();
  return [text.replace(own, 'OWN'), logged.join('\n')];
}

const V1 = 'PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n';
const V2 = '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xc6\x33\x64\x01\xdc\x04\x01\xbb';

test('acceptProxied lets the server see the client that the header names', async () => {
  for (const header of [V1, V2]) {
    const [text] = await talk(60_000, (client) => void client.send(`${header}${get('/')}`));
    assert.match(text, /\r\n\r\n192.0.2.1 56324$/);
  }
});

test('acceptProxied takes a header in pieces', async () => {
  const [text] = await talk(60_000, async (client) => {
    client.socket.setNoDelay(true);
    for (const byte of `${V1}${get('/')}`) {
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  assert.match(text, /\r\n\r\n192.0.2.1 56324$/);
});

test('acceptProxied takes connections without a header, or with one that names nobody, as they are', async () => {
  for (const header of ['', 'PROXY UNKNOWN\r\n']) {
    const [text] = await talk(60_000, (client) => void client.send(`${header}${get('/')}`));
    assert.match(text, /\r\n\r\n127.0.0.1 OWN$/);
  }
});

test('acceptProxied closes connections with a broken header, with a line in the log', async () => {
  const [text, log] = await talk(60_000, (client) => void client.send(`PROXY garbage\r\n${get('/')}`));
  assert.equal(text, '');
  assert.match(log, /refused a connection from 127.0.0.1: a broken header of the PROXY protocol: its family/);
});

test('acceptProxied closes connections on which nothing comes', async () => {
  const [text, log] = await talk(50, (client) => void client.send('PROX'));
  assert.equal(text, '');
  assert.match(log, /nothing came/);
});

test('acceptProxied passes on that a client leaves before it has said anything', async () => {
  assert.deepEqual(await talk(60_000, (client) => client.end()), ['', '']);
});

test('Upstream announces the client to a backend that expects it, on a connection of its own', async () => {
  const { rig, backend } = await startPair({ sendProxyProtocol: true }, { protocol: 'http' });
  await using _ = rig;
  const client = await rig.connect();
  for (const count of [1, 2]) {
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const peer = await backend.connection();
    const text = await peer.until(/\r\n\r\n$/);
    const head = `PROXY TCP4 127.0.0.1 0.0.0.0 ${client.socket.localPort} ${rig.port}\r\nGET / HTTP/1.1\r\n`;
    assert.ok(text.startsWith(head), text);
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    await client.until(({ receivedBytes }) => receivedBytes > count * 40);
    await peer.ended();
  }
});
