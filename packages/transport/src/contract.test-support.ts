import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { closeDescriptor, createSocketPair, listenTcp, listenUnix } from '@emperor/posix';

import { RecordingHandler } from './recording-handler.test-support.ts';
import type { SocketAddress, Stream, StreamHandler, StreamListener, Transport } from './transport.ts';

type Kind = SocketAddress['kind'];
const KINDS: readonly Kind[] = ['tcp', 'unix'];

/** A listener of the transport under test, in a directory of its own. */
export class Place implements AsyncDisposable {
  readonly transport: Transport;
  readonly address: SocketAddress;
  readonly directory: string = mkdtempSync(join(tmpdir(), 'transport-'));
  readonly listener: StreamListener;
  readonly handlers: RecordingHandler[] = [];
  /** Prepares the handler of each accepted connection. */
  onAccept: (handler: RecordingHandler) => void = () => {};
  #accepted: RecordingHandler[] = [];
  #onAccepted: (() => void)[] = [];

  constructor(transport: Transport, kind: Kind, host = '127.0.0.1') {
    this.transport = transport;
    if (kind === 'tcp') {
      const { descriptor, port } = listenTcp(host, 0);
      this.address = { kind, host, port };
      this.listener = transport.listen(descriptor, this.address, this.#accept);
    } else {
      this.address = { kind, path: join(this.directory, 's') };
      this.listener = transport.listen(listenUnix(this.address.path).descriptor, this.address, this.#accept);
    }
  }

  readonly #accept = (stream: Stream): StreamHandler => {
    const handler = this.#made(new RecordingHandler(), stream);
    this.onAccept(handler);
    this.#accepted.push(handler);
    const waiting = this.#onAccepted;
    this.#onAccepted = [];
    for (const resolve of waiting) resolve();
    return handler;
  };

  #made(handler: RecordingHandler, stream: Stream): RecordingHandler {
    handler.stream = stream;
    this.handlers.push(handler);
    return handler;
  }

  /** The next connection accepted. */
  async accepted(): Promise<RecordingHandler> {
    while (this.#accepted.length === 0) await new Promise<void>((resolve) => this.#onAccepted.push(resolve));
    return this.#accepted.shift() ?? assert.fail();
  }

  connect(address: SocketAddress = this.address): RecordingHandler {
    const handler = new RecordingHandler();
    return this.#made(handler, this.transport.connect(address, handler));
  }

  adopt(descriptor: number): RecordingHandler {
    const handler = new RecordingHandler();
    return this.#made(handler, this.transport.adopt(descriptor, handler));
  }

  /** Both ends of one connection. */
  async pair(): Promise<[client: RecordingHandler, server: RecordingHandler]> {
    const client = this.connect();
    const server = await this.accepted();
    await client.until(() => client.calls.includes('connect'));
    return [client, server];
  }

  /** A file with that content, open for reading. */
  file(content: string | Buffer): { descriptor: number } & Disposable {
    const path = join(this.directory, 'file');
    writeFileSync(path, content);
    const descriptor = openSync(path, 'r');
    return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.listener.close();
    for (const handler of this.handlers) {
      handler.on = {};
      if (!handler.closed) handler.stream?.destroy();
    }
    for (const handler of this.handlers) if (!handler.closed) await handler.untilClosed();
    rmSync(this.directory, { recursive: true });
  }
}

/** Lets what is under way in this process happen. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Writes so many pieces at the pace of the peer. */
function pump(handler: RecordingHandler, piece: Buffer, count: number): { readonly waits: number } {
  const progress = { waits: 0 };
  let written = 0;
  const go = (): void => {
    while (written < count) {
      written++;
      if (handler.stream?.write(piece) === false) {
        progress.waits++;
        return;
      }
    }
    handler.on = {};
    handler.stream?.end();
  };
  handler.on.drain = go;
  go();
  return progress;
}

const PIECE = Buffer.alloc(100_000, '0123456789abcdef');
const PIECES = 200;

/** Holds a transport to its contract. One suite for all of them. */
export function testTransport(name: string, makeTransport: () => Transport): void {
  for (const kind of KINDS) {
    const open = (): Place => new Place(makeTransport(), kind);

    test(`${name} (${kind}) carries bytes both ways in order`, async () => {
      await using place = open();
      place.onAccept = (server) => {
        server.on.data = (_, chunk) => void server.stream?.write(Buffer.from(chunk));
      };
      const client = place.connect();
      client.tell((stream) => stream.write('before it is connected '));
      await client.until(() => client.calls.includes('connect'));
      for (const piece of ['one ', Buffer.from('two '), '', 'thr\xe9\xe9'])
        client.tell((stream) => stream.write(piece));
      await client.until(() => client.text === 'before it is connected one two thr\xe9\xe9');
      assert.equal(client.calls[0], 'connect');
    });

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

    test(`${name} (${kind}) counts what the kernel has taken`, async () => {
      await using place = open();
      const [client, server] = await place.pair();
      client.tell((stream) => stream.write('hello'));
      await server.until(() => server.text === 'hello');
      assert.equal(client.stream?.sentBytes, 5);
      assert.equal(client.stream?.pendingBytes, 0);
    });

    test(`${name} (${kind}) accepts no more when the listener is closed; what is open stays open`, async () => {
      await using place = open();
      const [client, server] = await place.pair();
      place.listener.close();
      place.listener.close();
      client.tell((stream) => stream.write('still here'));
      await server.until(() => server.text === 'still here');
      const late = place.connect();
      await late.untilClosed();

      assert.ok(late.error?.code === 'ECONNREFUSED' || late.error?.code === 'ENOENT');
    });

    test(`${name} (${kind}) serves many connections at once`, async () => {
      await using place = open();
      place.onAccept = (server) => {
        server.on.data = (_, chunk) => void server.stream?.write(Buffer.from(chunk));
        server.on.end = () => server.stream?.end();
      };
      const clients = Array.from({ length: 300 }, () => place.connect());
      for (const [i, client] of clients.entries()) client.stream?.write(`client ${i}`);
      await Promise.all(clients.map((client, i) => client.until(() => client.text === `client ${i}`)));
      for (const client of clients) client.stream?.end();
      await Promise.all(clients.map((client) => client.untilClosed()));
      assert.ok(clients.every(({ error }) => error === undefined));
    });

    testFiles(name, kind, open);
  }

  testTcp(name, makeTransport);
  testUnix(name, makeTransport);
}

function testFiles(name: string, kind: Kind, open: () => Place): void {
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

function testTcp(name: string, makeTransport: () => Transport): void {
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

function testUnix(name: string, makeTransport: () => Transport): void {
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

  test(`${name} runs a task soon, outside of the call that asks for it, and what that asks for too`, async () => {
    const transport = makeTransport();
    const order: string[] = [];
    const done = Promise.withResolvers<void>();
    const last = {
      run: (): void => {
        order.push('last');
        done.resolve();
      },
    };
    transport.soon({
      run: () => {
        transport.soon(last);
        order.push('first');
      },
    });
    order.push('asked');
    await done.promise;
    assert.deepEqual(order, ['asked', 'first', 'last']);
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
