import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import test from 'node:test';

import { closeDescriptor } from './descriptor.ts';
import { createSocketPair, sendDescriptor } from './socket-pair.ts';

const RECEIVER = `
import array, os, socket
channel = socket.socket(fileno=3)
data, ancillary, flags, address = channel.recvmsg(100, socket.CMSG_SPACE(4))
received = array.array('i', ancillary[0][2])[0]
print(data.decode(), os.read(received, 100).decode())
`;

test('sendDescriptor passes a descriptor and its payload to another process', async () => {
  const [ours, theirs] = createSocketPair();
  const [sender, passed] = createSocketPair();
  const child = spawn('python3', ['-c', RECEIVER], { stdio: ['ignore', 'pipe', 'inherit', theirs] });
  closeDescriptor(theirs);
  writeSync(sender, 'through the descriptor');
  sendDescriptor(ours, passed, Buffer.from('payload'));
  for (const descriptor of [ours, sender, passed]) closeDescriptor(descriptor);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  assert.equal(output, 'payload through the descriptor\n');
});

test('sendDescriptor names the errno when the receiver is gone', () => {
  const [ours, theirs] = createSocketPair();
  closeDescriptor(theirs);
  assert.throws(() => sendDescriptor(ours, ours, Buffer.from('x')), { code: 'EPIPE', syscall: 'sendmsg' });
  closeDescriptor(ours);
});
