import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';

import { WebSocketOpcode } from '@emperor/protocol';

import { WebSocketFragments } from './websocket-fragments.ts';

const { text, binary, continuation } = WebSocketOpcode;

test('WebSocketFragments puts a message together, and begins anew with the next', () => {
  const fragments = new WebSocketFragments(10);
  assert.equal(fragments.add(text, false, Buffer.from('in ')), undefined);
  assert.equal(fragments.add(continuation, false, Buffer.from('')), undefined);
  assert.equal(fragments.add(continuation, true, Buffer.from('two'))?.toString(), 'in two');
  assert.equal(fragments.add(binary, true, Buffer.from('next'))?.toString(), 'next');
});

test('WebSocketFragments refuses what is out of order, too large or no text', () => {
  const refusal = (...frames: readonly [number, boolean, string][]): (() => void) => {
    const fragments = new WebSocketFragments(3);
    return () => {
      for (const [opcode, isFinal, payload] of frames) fragments.add(opcode, isFinal, Buffer.from(payload, 'latin1'));
    };
  };
  assert.throws(refusal([continuation, true, 'x']), /no beginning/);
  assert.throws(refusal([text, false, 'x'], [text, true, 'y']), /begins in another one/);
  assert.throws(refusal([binary, false, 'xx'], [continuation, true, 'xx']), /more than 3 bytes/);
  assert.throws(refusal([text, true, '\xff']), /not UTF-8/);
  assert.doesNotThrow(refusal([binary, true, '\xff']));
});
