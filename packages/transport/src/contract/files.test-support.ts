import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import { type Place, turns, PIECE, type Kind } from './place.test-support.ts';

/** Parts of files among what is written. */
export function testFiles(name: string, kind: Kind, open: () => Place): void {
  test(`${name} (${kind}) sends files in order with what is written around them`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    using file = place.file('0123456789');
    const done: (Error | undefined)[] = [];
    client.tell((stream) => {
      stream.cork();
      stream.write('before ');
      stream.sendFile(file.descriptor, 2, 5, (error) => done.push(error));
      stream.write(' between ');
      stream.sendFile(file.descriptor, 5, 0, (error) => done.push(error));
      stream.sendFile(file.descriptor, 0, 1, (error) => done.push(error));
      stream.write(' after');
      stream.uncork();
      stream.end();
      assert.deepEqual(done, []);
    });
    await server.until(() => server.calls.includes('end'));
    assert.equal(server.text, 'before 23456 between 0 after');
    assert.deepEqual(done, [undefined, undefined, undefined]);
  });

  test(`${name} (${kind}) sends a large file to a slow reader`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    const content = Buffer.concat(Array.from({ length: 150 }, (_, i) => Buffer.alloc(PIECE.length, String(i))));
    using file = place.file(content);
    const sent = Promise.withResolvers<Error | undefined>();
    server.on.data = () => {
      server.stream?.pause();
      setImmediate(() => server.stream?.resume());
    };
    client.tell((stream) => stream.sendFile(file.descriptor, 0, content.length, sent.resolve));
    assert.ok((client.stream?.pendingBytes ?? 0) > 0);
    assert.equal(
      client.tell((stream) => stream.write('after')),
      false,
    );
    assert.equal(await sent.promise, undefined);
    await client.until(() => client.calls.includes('drain'));
    client.tell((stream) => stream.end());
    await server.until(() => server.calls.includes('end'));
    assert.ok(Buffer.concat(server.chunks).equals(Buffer.concat([content, Buffer.from('after')])));
    assert.equal(client.stream?.sentBytes, content.length + 5);
  });

  test(`${name} (${kind}) says that a file is shorter than it should be`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    using file = place.file('0123456789');
    const sent = Promise.withResolvers<Error | undefined>();
    client.tell((stream) => stream.sendFile(file.descriptor, 5, 10, sent.resolve));
    assert.match(String(await sent.promise), /shorter/);
    await server.until(() => server.text === '56789');
  });

  test(`${name} (${kind}) says that a file was not sent because the stream was closed`, async () => {
    await using place = open();
    const [client, server] = await place.pair();
    server.tell((stream) => stream.pause());
    using file = place.file(Buffer.alloc(20_000_000));
    const begun = Promise.withResolvers<Error | undefined>();
    const late = Promise.withResolvers<Error | undefined>();
    client.tell((stream) => stream.sendFile(file.descriptor, 0, 20_000_000, begun.resolve));
    await turns(5);
    client.tell((stream) => {
      stream.destroy();
      stream.sendFile(file.descriptor, 0, 10, late.resolve);
    });
    assert.ok((await begun.promise) instanceof Error);
    assert.ok((await late.promise) instanceof Error);
    await client.untilClosed();
  });
}
