import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';

import { listenTcp, listenUnix } from '@emperor/posix';

import { RecordingHandler } from '../recording-handler.test-support.ts';
import type { SocketAddress } from '../transport.ts';
import { type Place, turns, PIECE, PIECES, type Kind } from './place.test-support.ts';

/** The end of a stream, in order, by both sides. */
export function testClosing(name: string, kind: Kind, open: () => Place): void {
  for (const first of ['client', 'server']) {
    test(`${name} (${kind}) lets the other side go on after the ${first} has ended`, async () => {
      await using place = open();
      const pair = await place.pair();
      const [ending, other] = first === 'client' ? pair : pair.toReversed();
      assert.ok(ending !== undefined && other !== undefined);
      ending.tell((stream) => {
        stream.write('last words');
        stream.end();
        stream.write('never sent');
        stream.end();
      });
      await other.until(() => other.calls.includes('end'));
      assert.equal(other.text, 'last words');
      other.tell((stream) => stream.write('an answer'));
      await ending.until(() => ending.text === 'an answer');
      assert.equal(ending.closed, false);
      other.tell((stream) => stream.end());
      await Promise.all([ending.untilClosed(), other.untilClosed()]);
      assert.deepEqual([ending.error, other.error], [undefined, undefined]);
      assert.deepEqual(ending.calls.slice(-2), ['end', 'close']);
    });
  }

  test(`${name} (${kind}) sends what is pending before it half-closes`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    server.keeps = false;
    server.tell((stream) => stream.pause());
    client.tell((stream) => {
      for (let i = 0; i < PIECES; i++) stream.write(PIECE);
      stream.end();
    });
    await turns(5);
    server.tell((stream) => stream.resume());
    await server.until(() => server.calls.includes('end'));
    assert.equal(server.receivedBytes, PIECES * PIECE.length);
  });

  test(`${name} (${kind}) closes after it has sent what is pending, without waiting for the peer`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    server.keeps = false;
    server.tell((stream) => stream.pause());
    client.tell((stream) => {
      for (let i = 0; i < PIECES; i++) stream.write(PIECE);
      stream.close();
      stream.close();
      stream.write('never sent');
    });
    await turns(5);
    assert.equal(client.closed, false);
    server.tell((stream) => stream.resume());
    await client.untilClosed();
    assert.equal(client.error, undefined);
    await server.until(() => server.calls.includes('end'));
    assert.equal(server.receivedBytes, PIECES * PIECE.length);
  });

  for (const words of ['', 'bye']) {
    test(`${name} (${kind}) may be ended inside of data, ${words === '' ? 'without' : 'with'} a last word`, async () => {
      await using place = open();
      place.onAccept = (server) => {
        server.on.data = () => {
          server.stream?.write(words);
          server.stream?.end();
        };
      };
      const client = place.connect();
      client.tell((stream) => stream.write('hello'));
      await client.until(() => client.calls.includes('end'));
      assert.equal(client.text, words);
    });
  }

  test(`${name} (${kind}) receives nothing after close`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    client.on.data = () => {
      client.stream?.write('bye');
      client.stream?.close();
    };
    server.tell((stream) => stream.write('hello'));
    await client.untilClosed();
    assert.deepEqual(client.calls, ['connect', 'data', 'close']);
    await server.until(() => server.calls.includes('end'));
    assert.equal(server.text, 'bye');
  });

  test(`${name} (${kind}) tells what a peer does that was expected to do nothing`, async () => {
    await using place = open();
    const path = join(place.directory, 'brief');
    const { descriptor, port } = kind === 'tcp' ? listenTcp('127.0.0.1', 0) : listenUnix(path);
    const address: SocketAddress = kind === 'tcp' ? { kind, host: '127.0.0.1', port } : { kind, path };
    const connect = async (): Promise<RecordingHandler> => {
      const client = place.connect(address);
      client.tell((stream) => stream.write('all'));
      await client.until(() => client.calls.includes('connect'));
      return client;
    };
    const [talker, leaver, reader] = [await connect(), await connect(), await connect()];
    // What is there when a connection is accepted is its first data.
    const servers: RecordingHandler[] = [];
    const late = place.transport.listen(descriptor, address, (stream) => {
      const server = new RecordingHandler();
      server.stream = stream;
      server.on.data = () => stream.expectNothing?.();
      servers.push(server);
      return server;
    });
    while (servers.length < 3) await turns(1);
    const [first = assert.fail(), second = assert.fail(), third = assert.fail()] = servers;
    for (const server of servers) await server.until(() => server.text === 'all');
    talker.tell((stream) => stream.write(' but this'));
    await first.until(() => first.text === 'all but this');
    leaver.tell((stream) => stream.end());
    await second.until(() => second.calls.includes('end'));
    for (let i = 0; i < PIECES; i++) third.tell((stream) => stream.write(PIECE));
    third.tell((stream) => stream.end());
    await reader.until(() => reader.calls.includes('end'));
    assert.equal(reader.receivedBytes, PIECES * PIECE.length);
    for (const { stream } of servers) stream?.destroy();
    for (const server of servers) await server.untilClosed();
    late.close();
  });
}
