import assert from 'node:assert/strict';
import test from 'node:test';

import { type Place, turns, PIECE, PIECES, type Kind } from './place.test-support.ts';

/** The end of a stream at once, whenever that is. */
export function testDestroying(name: string, kind: Kind, open: () => Place): void {
  test(`${name} (${kind}) closes at once when it is destroyed, whatever is pending`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    server.tell((stream) => stream.pause());
    client.tell((stream) => {
      for (let i = 0; i < PIECES; i++) stream.write(PIECE);
      stream.destroy();
      stream.destroy();
      stream.close();
      stream.end();
      assert.equal(stream.write('never sent'), false);
    });
    assert.equal(client.closed, false);
    await client.untilClosed();
    assert.deepEqual(client.calls, ['connect', 'close']);
    assert.equal(client.error, undefined);
    server.tell((stream) => stream.resume());
    if (kind === 'tcp') await server.untilClosed();
    else await server.until(() => server.calls.includes('end'));
    assert.ok(server.receivedBytes < PIECES * PIECE.length);
  });

  for (const call of ['connect', 'data', 'end', 'drain'] as const) {
    test(`${name} (${kind}) may be destroyed inside of ${call}, and then tells only that it is closed`, async () => {
      await using place = open();
      place.onAccept = (server) => {
        server.on.data = () => void server.stream?.write('pong');
      };
      const client = place.connect();
      client.on[call] = () => client.stream?.destroy();
      if (call === 'drain') {
        for (let i = 0; i < 100; i++) client.stream?.write(PIECE);
      } else {
        client.stream?.write('ping');
        if (call === 'end') (await place.accepted()).stream?.end();
      }
      await client.untilClosed();
      assert.deepEqual(client.calls.slice(-2), [call, 'close']);
      await turns(5);
      assert.equal(client.calls.at(-1), 'close');
    });
  }

  test(`${name} (${kind}) may be destroyed before it is connected`, async () => {
    await using place = open();
    const client = place.connect();
    client.tell((stream) => {
      stream.write('hello');
      stream.destroy();
    });
    await client.untilClosed();
    assert.deepEqual(client.calls, ['close']);
  });

  test(`${name} (${kind}) may be destroyed while it is accepted`, async () => {
    await using place = open();
    place.onAccept = (server) => server.stream?.destroy();
    const client = place.connect();
    const server = await place.accepted();
    await server.untilClosed();
    assert.deepEqual(server.calls, ['close']);
    await client.until(() => client.closed || client.calls.includes('end'));
  });
}
