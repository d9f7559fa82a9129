import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import type { Exchange } from './exchange.ts';
import { HttpServer } from './http-server.ts';
import { Http1Connection } from './http1-connection.ts';
import { MemoryStream } from './memory-stream.test-support.ts';
import { hello, LIMITS } from './rig.test-support.ts';
import { TimerWheel } from './timer-wheel.ts';

interface Scene {
  readonly connection: Http1Connection;
  readonly stream: MemoryStream;
  readonly complaints: string[];
}

/** A connection whose deadlines come when the test says so. */
function open(handle: (exchange: Exchange) => void = hello): Scene {
  const complaints: string[] = [];
  const server = new HttpServer(
    {
      listener: { protocol: 'http-socket', name: 'memory' },
      limits: LIMITS,
      serverName: 'host',
      serverPort: '80',
      router: undefined,
      secure: false,
      keepAlive: true,
      filters: [],
      handle,
      finished: () => {},
      complain: (message) => complaints.push(message),
    },
    new TimerWheel(),
  );
  const stream = new MemoryStream();
  return { connection: new Http1Connection(server, stream), stream, complaints };
}

const request = (...headers: string[]): Buffer =>
  Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`);

test('ClientConnection closes an idle connection in order, and for good when the client does not follow', () => {
  const { connection, stream } = open();
  connection.onData(request());
  connection.onDeadline();
  assert.equal(stream.state, 'ended');
  connection.onDeadline();
  assert.equal(stream.state, 'closed');
});

/** Answers and closes, although the client would go on. */
function helloAndClose(exchange: Exchange): void {
  exchange.respond({ status: 200, reason: 'OK', headers: ['Connection', 'close'] }, Buffer.from('hello'));
}

test('ClientConnection waits with its end for a client that takes the rest of its answer slowly', () => {
  const { connection, stream, complaints } = open(helloAndClose);
  stream.pendingBytes = 300;
  connection.onData(request());
  assert.equal(stream.state, 'ended');
  for (const pending of [300, 200, 100]) {
    stream.sentBytes += 100;
    stream.pendingBytes = pending;
    connection.onDeadline();
    assert.equal(stream.state, 'ended');
  }
  stream.pendingBytes = 0;
  // All is in the kernel now: the client gets the usual time to close its side.
  connection.onDeadline();
  assert.equal(stream.state, 'ended');
  connection.onDeadline();
  assert.equal(stream.state, 'closed');
  assert.deepEqual(complaints, []);
});

test('ClientConnection does not wait for a client that has said that it sends no more', () => {
  const { connection, stream } = open();
  connection.onData(request('Connection: close'));
  assert.equal(stream.state, 'closed');
});

test('ClientConnection waits for a client that sends more than it said', () => {
  const { connection, stream } = open();
  connection.onData(Buffer.concat([request('Connection: close'), request()]));
  assert.equal(stream.state, 'ended');
});

test('ClientConnection does not close an idle connection whose last answer is still being taken', () => {
  const { connection, stream, complaints } = open();
  stream.pendingBytes = 300;
  connection.onData(request());
  for (let looks = 0; looks < 3; looks++) {
    stream.sentBytes += 100;
    connection.onDeadline();
    assert.equal(stream.state, 'open');
  }
  connection.onDeadline();
  assert.equal(stream.state, 'destroyed');
  assert.deepEqual(complaints, ['192.0.2.1 took nothing of its answer in time: connection cut']);
});

test('ClientConnection cuts a client that takes nothing between two looks, in every state of the answer', () => {
  for (const headers of [[], ['Connection: close']]) {
    for (const handle of [hello, (): void => {}]) {
      const { connection, stream, complaints } = open(handle);
      stream.pendingBytes = 300;
      connection.onData(request(...headers));
      connection.onDeadline();
      assert.notEqual(stream.state, 'destroyed');
      connection.onDeadline();
      assert.equal(stream.state, 'destroyed');
      assert.equal(complaints.length, 1);
    }
  }
});

test('ClientConnection has patience with an answerer as long as the client does its part', () => {
  const { connection, stream, complaints } = open(() => {});
  connection.onData(request());
  for (let looks = 0; looks < 5; looks++) connection.onDeadline();
  assert.equal(stream.state, 'open');
  assert.deepEqual(complaints, []);
});
