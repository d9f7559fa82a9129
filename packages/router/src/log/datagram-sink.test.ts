import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { test } from 'node:test';

import { BatchedLog } from './batched-log.ts';
import { DatagramSink, parseDatagramAddress } from './datagram-sink.ts';
import { LineBatch } from './line-batch.ts';
import { facilityPriority, packets, syslogFrame } from './syslog.ts';

for (const [text, address] of [
  ['127.0.0.1:514', { kind: 'udp', host: '127.0.0.1', port: 514 }],
  ['loghost:514', { kind: 'udp', host: 'loghost', port: 514 }],
  ['[::1]:514', { kind: 'udp', host: '::1', port: 514 }],
  [':514', { kind: 'udp', host: '127.0.0.1', port: 514 }],
  ['log.sock', { kind: 'unix', path: '/srv/log.sock' }],
  ['/run/x:1', { kind: 'unix', path: '/run/x:1' }],
  ['@log', { kind: 'unix', path: '\0log' }],
] as const) {
  test(`parseDatagramAddress understands ${text}`, () => {
    assert.deepEqual(parseDatagramAddress(text, '/srv'), address);
  });
}

async function receiver(host: string): Promise<{ socket: Socket; port: number; messages: string[] }> {
  const { address, family } = await lookup(host);
  const socket = createSocket(family === 4 ? 'udp4' : 'udp6').bind(0, address);
  await once(socket, 'listening');
  const messages: string[] = [];
  socket.on('message', (message) => messages.push(message.toString()));
  return { socket, port: socket.address().port, messages };
}

for (const host of ['127.0.0.1', 'localhost']) {
  test(`a datagram sink sends each line to ${host} by itself`, async () => {
    const { socket, port, messages } = await receiver(host);
    const log = new BatchedLog(new DatagramSink('x', { kind: 'udp', host, port }, (line) => [line]), assert.fail);
    log.line('one');
    log.line('two');
    while (messages.length < 2) await once(socket, 'message');
    assert.deepEqual(messages, ['one', 'two']);
    log.line('three');
    await log.close();
    while (messages.length < 3) await once(socket, 'message');
    assert.equal(messages[2], 'three');
    socket.close();
  });
}

test('a datagram sink says when nobody is at its address', async () => {
  const sink = new DatagramSink('x', { kind: 'unix', path: '/nothing/here' }, (line) => [line]);
  const batch = new LineBatch();
  batch.add('text', 'utf8');
  const { promise, resolve } = Promise.withResolvers<NodeJS.ErrnoException | undefined>();
  sink.write(batch, resolve);
  assert.equal((await promise)?.code, 'ENOENT');
  sink.close();
});

test('syslog messages are those of RFC 3164', () => {
  const message = syslogFrame(30, 'app')(Buffer.from('text')).toString();
  assert.match(message, /^<30>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d app: text$/);
});

test('syslog facilities have their numbers', () => {
  assert.equal(facilityPriority('daemon'), 30);
  assert.equal(facilityPriority('local0'), 134);
  assert.equal(facilityPriority('nothing'), undefined);
});

test('syslog messages that are too long are cut, or split into several', () => {
  const frame = (line: Buffer): Buffer => Buffer.concat([Buffer.from('<1> '), line]);
  const texts = (isSplit: boolean, line: string): string[] =>
    packets(frame, 8, isSplit)(Buffer.from(line)).map((packet) => packet.toString());
  assert.deepEqual(texts(false, 'abcdefghij'), ['<1> abcd']);
  assert.deepEqual(texts(true, 'abcdefghij'), ['<1> abcd', '<1> efgh', '<1> ij']);
  assert.deepEqual(texts(true, 'abcd'), ['<1> abcd']);
  assert.deepEqual(texts(true, ''), ['<1> ']);
});
