import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';

import { createSocketPair, listenUnix } from '@emperor/posix';

import { RecordingHandler } from '../recording-handler.test-support.ts';
import type { Transport } from '../transport.ts';
import { Place, turns } from './place.test-support.ts';

/** What only UNIX sockets have. */
export function testUnix(name: string, makeTransport: () => Transport): void {
  test(`${name} (unix) says that nobody listens`, async () => {
    await using place = new Place(makeTransport(), 'unix');
    const client = place.connect({ kind: 'unix', path: join(place.directory, 'missing') });
    await client.untilClosed();
    assert.equal(client.error?.code, 'ENOENT');
  });

  test(`${name} (unix) connects to an abstract socket`, async () => {
    await using place = new Place(makeTransport(), 'unix');
    const path = `\0transport-${process.pid}-${name.length}`;
    const received = Promise.withResolvers<string>();
    const listener = place.transport.listen(listenUnix(path).descriptor, { kind: 'unix', path }, (stream) => {
      const server = new RecordingHandler();
      server.on.end = () => stream.end();
      server.on.data = (_, chunk) => received.resolve(chunk.toString());
      return server;
    });
    const client = place.connect({ kind: 'unix', path });
    client.tell((stream) => {
      stream.write('hello');
      stream.end();
    });
    assert.equal(await received.promise, 'hello');
    await client.untilClosed();
    listener.close();
  });

  test(`${name} (unix) adopts both ends of a socket pair`, async () => {
    await using place = new Place(makeTransport(), 'unix');
    const [left, right] = createSocketPair().map((descriptor) => place.adopt(descriptor));
    assert.ok(left !== undefined && right !== undefined);
    left.tell((stream) => stream.write('from the left'));
    right.tell((stream) => stream.write('from the right'));
    await Promise.all([left.until(() => left.text !== ''), right.until(() => right.text !== '')]);
    assert.deepEqual([left.text, right.text], ['from the right', 'from the left']);
    left.tell((stream) => stream.end());
    await right.until(() => right.calls.includes('end'));
    right.tell((stream) => stream.end());
    await Promise.all([left.untilClosed(), right.untilClosed()]);
  });

  test(`${name} (unix) delivers what a peer sent before it died`, async () => {
    await using place = new Place(makeTransport(), 'unix');
    const [mine, theirs] = createSocketPair();
    const handler = place.adopt(mine);
    const peer = place.adopt(theirs);
    // The peer has not read this: its death is seen as an error, and yet its words must be heard.
    handler.tell((stream) => {
      stream.pause();
      stream.write('unread');
    });
    peer.tell((stream) => {
      stream.pause();
      stream.write('last words');
    });
    await turns(3);
    peer.tell((stream) => stream.destroy());
    await turns(3);
    handler.tell((stream) => stream.resume());
    await handler.until(() => handler.text === 'last words');
    await handler.until(() => handler.closed || handler.calls.includes('end'));
  });
}
