import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import test from 'node:test';

import { listenTcp, listenUnix } from '@emperor/posix';

import { RecordingHandler } from '../recording-handler.test-support.ts';
import type { SocketAddress } from '../transport.ts';
import { type Place, turns, PIECE, PIECES, type Kind } from './place.test-support.ts';

/** What is written arrives, whatever becomes of the memory it was in. */
export function testBytes(name: string, kind: Kind, open: () => Place): void {
  test(`${name} (${kind}) carries bytes both ways in order`, async () => {
    await using place = open();
    place.onAccept = (server) => {
      server.on.data = (_, chunk) => void server.stream?.write(Buffer.from(chunk));
    };
    const client = place.connect();
    client.tell((stream) => stream.write('before it is connected '));
    await client.until(() => client.calls.includes('connect'));
    for (const piece of ['one ', Buffer.from('two '), '', 'thr\xe9\xe9']) client.tell((stream) => stream.write(piece));
    await client.until(() => client.text === 'before it is connected one two thr\xe9\xe9');
    assert.equal(client.calls[0], 'connect');
  });

  test(`${name} (${kind}) answers what was sent before it was accepted with more than the kernel takes`, async () => {
    await using place = open();
    const path = join(place.directory, 'early');
    const { descriptor, port } = kind === 'tcp' ? listenTcp('127.0.0.1', 0) : listenUnix(path);
    const address: SocketAddress = kind === 'tcp' ? { kind, host: '127.0.0.1', port } : { kind, path };
    const client = place.connect(address);
    client.keeps = false;
    client.tell((stream) => stream.write('hello'));
    await client.until(() => client.calls.includes('connect'));
    const late = place.transport.listen(descriptor, address, (stream) => {
      const server = new RecordingHandler();
      server.on.data = () => {
        for (let i = 0; i < PIECES; i++) stream.write(PIECE);
        stream.close();
      };
      return server;
    });
    await client.until(() => client.calls.includes('end'));
    assert.equal(client.receivedBytes, PIECES * PIECE.length);
    late.close();
  });

  test(`${name} (${kind}) keeps the order of large and small pieces`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    const pieces = Array.from({ length: 300 }, (_, i) => Buffer.alloc((i * 7919) % 70_000, String(i % 10)));
    for (const [i, piece] of pieces.entries()) {
      client.tell((stream) => stream.write(i % 3 === 0 ? piece.toString('latin1') : piece));
      if (i % 50 === 0) await turns(1);
    }
    client.tell((stream) => stream.end());
    await server.until(() => server.calls.includes('end'));
    assert.ok(Buffer.concat(server.chunks).equals(Buffer.concat(pieces)));
  });

  test(`${name} (${kind}) holds corked writes back and sends them together`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    client.tell((stream) => {
      stream.cork();
      stream.write('one ');
      stream.cork();
      stream.write(Buffer.from('two '));
      stream.uncork();
      stream.write('three');
    });
    await turns(5);
    assert.equal(server.text, '');
    assert.equal(client.stream?.pendingBytes, 13);
    client.tell((stream) => stream.uncork());
    await server.until(() => server.text !== '');
    assert.equal(server.text, 'one two three');
  });

  test(`${name} (${kind}) has no use for what was written behind the call, sent or not, corked or not`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    const sizes = [10, 70_000, 300, 300_000, 65_536, 1, 5_000, 1_000_000, 20];
    for (const isCorked of [false, true])
      for (const [i, size] of sizes.entries()) {
        const lent = Buffer.alloc(size, 'abcdefghi'[i]);
        client.tell((stream) => {
          if (isCorked) stream.cork();
          stream.write('<');
          stream.write(lent);
          stream.write('>');
          lent.fill('!');
          if (isCorked) stream.uncork();
        });
      }
    client.tell((stream) => stream.end());
    await server.until(() => server.calls.includes('end'));
    const text = sizes.map((size, i) => `<${'abcdefghi'.charAt(i).repeat(size)}>`).join('');
    assert.ok(server.text === text + text);
  });

  test(`${name} (${kind}) counts what the kernel has taken`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    client.tell((stream) => stream.write('hello'));
    await server.until(() => server.text === 'hello');
    assert.equal(client.stream?.sentBytes, 5);
    assert.equal(client.stream?.pendingBytes, 0);
  });

  test(`${name} (${kind}) tells what it is`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    const names = ({ stream }: RecordingHandler): (string | number | undefined)[] => [
      stream?.localAddress,
      stream?.localPort,
      stream?.remoteAddress,
      stream?.remotePort,
    ];
    const [clientNames, serverNames] = [names(client), names(server)];
    assert.deepEqual(clientNames, [...serverNames.slice(2), ...serverNames.slice(0, 2)]);
    if (place.address.kind === 'tcp') {
      assert.deepEqual(serverNames.slice(0, 3), ['127.0.0.1', place.address.port, '127.0.0.1']);
      assert.ok(Number(serverNames[3]) > 0);
    } else {
      assert.deepEqual(serverNames, ['', 0, '', 0]);
    }
  });
}
