import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'node:test';

import { listenTcp } from '@emperor/posix';

import { testTransport } from './contract/transport.test-support.ts';
import { EpollTransport } from './epoll-transport.ts';
import type { Stream } from './transport.ts';

testTransport('EpollTransport', () => new EpollTransport());

test('EpollTransport serves whoever was connected already when its listener is closed', async () => {
  const { descriptor, port } = listenTcp('127.0.0.1', 0);
  const clients = Array.from({ length: 100 }, () => connect(port, '127.0.0.1'));
  await Promise.all(clients.map((client) => once(client, 'connect')));
  const streams: Stream[] = [];
  const nothing = (): void => {};
  const listener = new EpollTransport().listen(descriptor, { kind: 'tcp', host: '127.0.0.1', port }, (stream) => {
    streams.push(stream);
    return { onData: nothing, onEnd: nothing, onDrain: nothing, onClose: nothing };
  });
  listener.close();
  assert.equal(streams.length, clients.length);
  const answers = clients.map((client) => once(client, 'data'));
  for (const stream of streams) {
    stream.write('hello');
    stream.close();
  }
  for (const [data] of await Promise.all(answers)) assert.equal(String(data), 'hello');
});
