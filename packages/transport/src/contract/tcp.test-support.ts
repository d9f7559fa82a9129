import assert from 'node:assert/strict';
import test from 'node:test';

import { closeDescriptor, listenTcp } from '@emperor/posix';

import type { Transport } from '../transport.ts';
import { Place, turns, PIECE, PIECES } from './place.test-support.ts';

/** What only TCP has. */
export function testTcp(name: string, makeTransport: () => Transport): void {
  test(`${name} (tcp) tells the peer of a reset`, async () => {
    await using place = new Place(makeTransport(), 'tcp');
    const [client, server] = await place.pair();
    client.tell((stream) => stream.destroy());
    await server.untilClosed();
    assert.equal(server.error?.code, 'ECONNRESET');
    assert.deepEqual(server.calls, ['close']);
  });

  test(`${name} (tcp) resets although it has ended and its end is not sent yet`, async () => {
    await using place = new Place(makeTransport(), 'tcp');
    const [client, server] = await place.pair();
    server.tell((stream) => stream.pause());
    client.tell((stream) => {
      for (let i = 0; i < PIECES; i++) stream.write(PIECE);
      stream.end();
    });
    await turns(5);
    client.tell((stream) => stream.destroy());
    await client.untilClosed();
    server.tell((stream) => stream.resume());
    await server.untilClosed();
    assert.equal(server.error?.code, 'ECONNRESET');
  });

  test(`${name} (tcp) says that a connection was refused`, async () => {
    await using place = new Place(makeTransport(), 'tcp');
    const { descriptor, port } = listenTcp('127.0.0.1', 0);
    closeDescriptor(descriptor);
    const client = place.connect({ kind: 'tcp', host: '127.0.0.1', port });
    assert.deepEqual(client.calls, []);
    await client.untilClosed();
    assert.deepEqual(client.calls, ['close']);
    assert.equal(client.error?.code, 'ECONNREFUSED');
  });

  test(`${name} (tcp) connects to a name`, async () => {
    await using place = new Place(makeTransport(), 'tcp');
    assert.ok(place.address.kind === 'tcp');
    const client = place.connect({ ...place.address, host: 'localhost' });
    client.tell((stream) => stream.write('hello'));
    const server = await place.accepted();
    await server.until(() => server.text === 'hello');
  });

  test(`${name} (tcp) shows IPv6 clients in short, and IPv4 clients of a dual-stack socket as what they are`, async () => {
    await using place = new Place(makeTransport(), 'tcp', '::');
    assert.ok(place.address.kind === 'tcp');
    for (const host of ['::1', '127.0.0.1']) {
      place.connect({ ...place.address, host });
      assert.equal((await place.accepted()).stream?.remoteAddress, host);
    }
  });

  test(`${name} (tcp) tells a writer that the peer has gone`, async () => {
    await using place = new Place(makeTransport(), 'tcp');
    const [client, server] = await place.pair();
    server.tell((stream) => stream.close());
    while (!client.closed) {
      client.tell((stream) => stream.write(PIECE));
      await turns(1);
    }
    assert.ok(client.error?.code === 'EPIPE' || client.error?.code === 'ECONNRESET');
  });
}
