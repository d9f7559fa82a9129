import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';

import {
  encodeCloseCode,
  encodeWebSocketFrame,
  MESSAGE_OVERHEAD_BYTES,
  WebSocketCloseCode,
  WebSocketOpcode,
} from '@emperor/protocol';

import { FakeExchange } from './testing/fake-exchange.ts';
import { type WebSocketApp, WebSocketSession } from './websocket-session.ts';

const APP: WebSocketApp = { receiveMessage() {}, conversationOver() {}, onDrain() {}, onAbort() {} };
const SETTINGS = { pingSeconds: 0, pongSeconds: 1, maxMessageBytes: 1024 };

function open(): { exchange: FakeExchange; session: WebSocketSession } {
  const exchange = new FakeExchange({});
  exchange.upgrade = 'websocket';
  const head = { status: 101, reason: 'Switching Protocols', headers: [] };
  return { exchange, session: WebSocketSession.open(exchange, head, APP, SETTINGS) };
}

test('WebSocketSession sends what the app says in one go in one write', async () => {
  const { exchange, session } = open();
  const words = ['one', 'two', 'three'].map((word) => Buffer.from(word));
  for (const word of words) session.send(word, false);
  await nextTurn();
  assert.deepEqual(exchange.chunks, [
    Buffer.concat(words.map((word) => encodeWebSocketFrame(WebSocketOpcode.text, word))),
  ]);
  session.stop();
});

test('WebSocketSession says everything before it ends', () => {
  const { exchange, session } = open();
  session.send(Buffer.from('last words'), false);
  session.end();
  const spoken = encodeWebSocketFrame(WebSocketOpcode.text, Buffer.from('last words'));
  const farewell = encodeWebSocketFrame(WebSocketOpcode.close, encodeCloseCode(WebSocketCloseCode.normal));
  assert.deepEqual(Buffer.concat(exchange.chunks), Buffer.concat([spoken, farewell]));
});

/** As a client says it: masked, with zeros. */
const SAYS_GOODBYE = Buffer.from([0x88, 0x80, 0, 0, 0, 0]);
const FAREWELL = encodeWebSocketFrame(WebSocketOpcode.close, Buffer.alloc(0));

test('WebSocketSession gives an app that takes no notice of the end a second', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { exchange, session } = open();
  session.pull(1000);
  exchange.conversation.receiver?.onBodyData(SAYS_GOODBYE);
  t.mock.timers.tick(999);
  assert.equal(exchange.bodyBytes, 0);
  t.mock.timers.tick(1);
  assert.deepEqual(Buffer.concat(exchange.chunks), FAREWELL);
});

test('WebSocketSession gives an app that has messages to take as long as it needs', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { exchange, session } = open();
  session.pull(1000);
  exchange.conversation.receiver?.onBodyData(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x61]));
  exchange.conversation.receiver?.onBodyData(SAYS_GOODBYE);
  t.mock.timers.tick(60_000);
  assert.equal(exchange.bodyBytes, 0);
  session.pull(1 + MESSAGE_OVERHEAD_BYTES);
  t.mock.timers.tick(1000);
  assert.deepEqual(Buffer.concat(exchange.chunks), FAREWELL);
});
