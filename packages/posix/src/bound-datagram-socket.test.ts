import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { BoundDatagramSocket } from './bound-datagram-socket.ts';
import { DatagramSocket } from './datagram-socket.ts';

test('a bound datagram socket receives over UDP, and knows the sender', () => {
  const receiver = BoundDatagramSocket.udp('127.0.0.1', 0);
  assert.equal(receiver.receive(), undefined);
  const sender = DatagramSocket.udp('127.0.0.1', receiver.port);
  for (const text of ['one', '', 'three']) sender.send(Buffer.from(text));
  for (const text of ['one', '', 'three']) {
    const datagram = receiver.receive();
    assert.equal(datagram?.bytes.toString(), text);
    assert.equal(datagram.sender, '127.0.0.1');
  }
  assert.equal(receiver.receive(), undefined);
  sender.close();
  receiver.close();
});

test('a bound datagram socket receives over a UNIX socket, from nobody in particular', () => {
  const directory = mkdtempSync(join(tmpdir(), 'datagram-'));
  const receiver = BoundDatagramSocket.unix(`${directory}/s`);
  const sender = DatagramSocket.unix(`${directory}/s`);
  sender.send(Buffer.from('hello'));
  assert.deepEqual(receiver.receive(), { bytes: Buffer.from('hello'), sender: '' });
  sender.close();
  receiver.close();
  rmSync(directory, { recursive: true });
});

test('a bound datagram socket refuses an address that another one has', () => {
  const first = BoundDatagramSocket.udp('127.0.0.1', 0);
  assert.throws(() => BoundDatagramSocket.udp('127.0.0.1', first.port), { code: 'EADDRINUSE', syscall: 'bind' });
  first.close();
});

test('a bound datagram socket holds hundreds of datagrams that nobody has read yet', () => {
  const receiver = BoundDatagramSocket.udp('127.0.0.1', 0);
  const sender = DatagramSocket.udp('127.0.0.1', receiver.port);
  const count = 400;
  for (let index = 0; index < count; index++) sender.send(Buffer.alloc(100));
  let received = 0;
  while (receiver.receive() !== undefined) received++;
  assert.equal(received, count);
  sender.close();
  receiver.close();
});
