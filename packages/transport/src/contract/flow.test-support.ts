import assert from 'node:assert/strict';
import test from 'node:test';

import { type Place, turns, pump, PIECE, PIECES, type Kind } from './place.test-support.ts';

/** Nobody is given more than they take. */
export function testFlow(name: string, kind: Kind, open: () => Place): void {
  test(`${name} (${kind}) asks a writer to wait for a slow reader, and loses nothing`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    server.keeps = false;
    server.tell((stream) => stream.pause());
    const progress = pump(client, PIECE, PIECES);
    await turns(20);
    assert.equal(progress.waits, 1);
    assert.equal(server.receivedBytes, 0);
    const { pendingBytes = 0, sentBytes = 0 } = client.stream ?? {};
    assert.ok(pendingBytes > 0);
    assert.ok(sentBytes > 0);
    assert.ok(sentBytes + pendingBytes < (PIECES * PIECE.length) / 2);
    server.tell((stream) => stream.resume());
    await server.until(() => server.calls.includes('end'));
    assert.equal(server.receivedBytes, PIECES * PIECE.length);
    assert.ok(progress.waits > 1);
  });

  test(`${name} (${kind}) delivers nothing while it is paused, and everything afterwards`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    server.on.data = () => server.stream?.pause();
    const text = Array.from({ length: 50 }, (_, i) => `piece ${i};`);
    for (const piece of text) {
      client.tell((stream) => stream.write(piece));
      await turns(1);
    }
    client.tell((stream) => stream.end());
    await turns(5);
    const received = server.receivedBytes;
    assert.equal(server.calls.filter((call) => call === 'data').length, 1);
    assert.equal(server.calls.includes('end'), false);
    while (!server.calls.includes('end')) {
      server.tell((stream) => stream.resume());
      await turns(1);
    }
    assert.ok(received < server.receivedBytes);
    assert.equal(server.text, text.join(''));
  });

  test(`${name} (${kind}) does not hold back more than a writer may write`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    server.keeps = false;
    const takesMore = client.tell((stream) => {
      stream.cork();
      let result = true;
      for (let i = 0; i < PIECES && result; i++) result = stream.write(PIECE);
      return result;
    });
    assert.equal(takesMore, false);
    client.on.drain = () => client.stream?.uncork();
    await client.until(() => client.calls.includes('drain'));
    await server.until(() => server.receivedBytes > 0);
  });
}
