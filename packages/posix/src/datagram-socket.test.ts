import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';

import { DatagramSocket } from './datagram-socket.ts';

test('a datagram socket sends over UDP', async () => {
  const receiver = createSocket('udp4').bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const received = once(receiver, 'message');
  const socket = DatagramSocket.udp('127.0.0.1', receiver.address().port);
  socket.send(Buffer.from('hello'));
  const [message] = (await received) as [Buffer];
  assert.equal(message.toString(), 'hello');
  socket.close();
  receiver.close();
});

test('a datagram socket says when nobody is at its UNIX address', () => {
  const socket = DatagramSocket.unix('/nothing/here.sock');
  assert.throws(() => socket.send(Buffer.from('x')), { code: 'ENOENT', syscall: 'sendto' });
  socket.close();
});

test('a datagram socket takes no host name', () => {
  assert.throws(() => DatagramSocket.udp('localhost', 1), RangeError);
});
