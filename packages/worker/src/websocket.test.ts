import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';

import { encodeWebSocketFrame, WebSocketOpcode } from '@emperor/protocol';

import { AppServerRig } from './testing/app-server-rig.ts';
import { FakeExchange } from './testing/fake-exchange.ts';

const OFFER = {
  HTTP_SEC_WEBSOCKET_KEY: 'dGhlIHNhbXBsZSBub25jZQ==',
  HTTP_UPGRADE: 'websocket',
  SERVER_PROTOCOL: 'HTTP/1.1',
};
const { text, binary, close, ping, pong, continuation } = WebSocketOpcode;

/** The client's end of a conversation with the fixture. */
class Talk {
  readonly exchange: FakeExchange;

  constructor(rig: AppServerRig, path = '/', more: Record<string, string> = {}, upgrade = 'websocket') {
    this.exchange = new FakeExchange({ ...OFFER, PATH_INFO: path, ...more });
    this.exchange.upgrade = upgrade;
    rig.server.handle(this.exchange);
  }

  async opened(): Promise<this> {
    const { conversation } = this.exchange;
    if (conversation.receiver === undefined)
      await new Promise<void>((resolve) => {
        conversation.onReceive = resolve;
      });
    return this;
  }

  /** Sends a frame as a client does: masked (with zeros, which change nothing). */
  say(opcode: number, payload: string | Buffer = '', isFinal = true): void {
    const frame = encodeWebSocketFrame(opcode, Buffer.from(payload as string));
    const headLength = frame.length - Buffer.from(payload as string).length;
    frame[0] = (frame[0] ?? 0) & (isFinal ? 0xff : 0x7f);
    frame[1] = (frame[1] ?? 0) | 0x80;
    const bytes = Buffer.concat([frame.subarray(0, headLength), Buffer.alloc(4), frame.subarray(headLength)]);
    this.exchange.conversation.receiver?.onBodyData(bytes);
  }

  /** Resolves when these frames have been heard, and nothing else. */
  async hears(...frames: readonly (readonly [number, string | Buffer])[]): Promise<void> {
    const expected = Buffer.concat(
      frames.map(([opcode, payload]) => encodeWebSocketFrame(opcode, Buffer.from(payload as string))),
    );
    await this.exchange.received(expected.length);
    assert.equal(this.exchange.text, expected.toString('latin1'));
  }
}

const code = (number: number): Buffer => Buffer.from([number >> 8, number & 0xff]);

test('uwsgi.websocket_handshake answers as uWSGI does', async () => {
  await using rig = await AppServerRig.started('converses');
  const headers = async (more: Record<string, string>): Promise<string[]> => {
    const talk = await new Talk(rig, '/', more).opened();
    talk.say(close);
    await talk.exchange.done;
    assert.equal(`${talk.exchange.status} ${talk.exchange.head?.reason}`, '101 Web Socket Protocol Handshake');
    return talk.exchange.head?.headers ?? [];
  };
  const accept = ['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='];
  const upgrade = ['Upgrade', 'WebSocket', 'Connection', 'Upgrade', 'Sec-WebSocket-Origin'];
  assert.deepEqual(await headers({}), [...upgrade, '*', ...accept]);
  assert.deepEqual(await headers({ HTTP_ORIGIN: 'http://a.example', HTTP_SEC_WEBSOCKET_PROTOCOL: 'chat, news' }), [
    ...upgrade,
    'http://a.example',
    'Sec-WebSocket-Protocol',
    'chat',
    ...accept,
  ]);
});

test('uwsgi.websocket_handshake fails where there is nothing to shake', async () => {
  await using rig = await AppServerRig.started('converses');
  const plain = await rig.get('/');
  assert.equal(plain.text, 'unable to complete websocket handshake: the request has no Sec-WebSocket-Key');
  const old = new Talk(rig, '/', {}, 'h2c');
  await old.exchange.done;
  assert.match(old.exchange.text, /handshake: the connection of this request cannot be upgraded to WebSocket/);
});

test('WebSocket messages of any size go both ways, whole or in pieces', async () => {
  await using rig = await AppServerRig.started('converses');
  const talk = await new Talk(rig).opened();
  const large = Buffer.alloc(300_000, 'x');
  talk.say(text, 'hello');
  talk.say(text, '');
  talk.say(text, 'binary');
  talk.say(text, 'in ', false);
  talk.say(ping, 'are you there?');
  talk.say(continuation, 'two ', false);
  talk.say(continuation, 'pieces');
  talk.say(binary, large);
  talk.say(text, 'end');
  await talk.exchange.done;
  // The pong is the vassal's: it may overtake what the app says.
  const answered = encodeWebSocketFrame(pong, Buffer.from('are you there?')).toString('latin1');
  const heard = talk.exchange.text.split(answered);
  assert.equal(heard.length, 2);
  const expected = ['hello', '', [0, 255], 'in two pieces', large].map((payload, i) =>
    encodeWebSocketFrame(i === 2 ? binary : text, Buffer.from(payload as string)),
  );
  const farewell = encodeWebSocketFrame(close, code(1000));
  assert.equal(heard.join(''), Buffer.concat([...expected, farewell]).toString('latin1'));
});

test('a client may speak before it has heard the answer of its handshake', async () => {
  await using rig = await AppServerRig.started('converses');
  for (let round = 0; round < 20; round++) {
    const talk = new Talk(rig);
    talk.exchange.conversation.onReceive = () => talk.say(text, 'end');
    await talk.exchange.done;
    await talk.hears([close, code(1000)]);
  }
});

test('a client that ends a WebSocket is answered, and the app is told', async () => {
  await using rig = await AppServerRig.started('converses');
  const talk = await new Talk(rig).opened();
  talk.say(close, Buffer.concat([code(4321), Buffer.from('bye')]));
  await talk.exchange.done;
  await talk.hears([close, code(4321)]);
  assert.match(rig.output, /ended: unable to receive websocket message$/m);
});

test('what a client says right before it ends a WebSocket is answered first', async () => {
  await using rig = await AppServerRig.started('converses');
  const talk = await new Talk(rig).opened();
  for (const word of ['one', 'two', 'three']) talk.say(text, word);
  talk.say(close, code(1000));
  talk.say(text, 'not heard any more');
  await talk.exchange.done;
  await talk.hears([text, 'one'], [text, 'two'], [text, 'three'], [close, code(1000)]);
  assert.match(rig.output, /ended: unable to receive websocket message$/m);
});

test('a client that only sends no more is answered, and nothing is said to it of an end that it has made itself', async () => {
  await using rig = await AppServerRig.started('converses');
  const talk = await new Talk(rig).opened();
  talk.say(text, 'last');
  talk.exchange.conversation.receiver?.onBodyEnd();
  await talk.exchange.done;
  await talk.hears([text, 'last']);
});

test('an app that speaks on after the end of its WebSocket is told that nobody hears it, and the client answered', async () => {
  await using rig = await AppServerRig.started('converses');
  const talk = await new Talk(rig, '/insists').opened();
  talk.say(close, code(1000));
  await talk.exchange.done;
  await talk.hears([close, code(1000)]);
  assert.match(rig.output, /nobody hears: unable to send websocket message$/m);
});

test('a WebSocket that its client abandons counts as a request of its app, once', async () => {
  await using rig = await AppServerRig.started('converses', { processes: 1 });
  const abandoned = await new Talk(rig).opened();
  abandoned.exchange.leave();
  const next = await new Talk(rig).opened();
  next.say(text, 'end');
  await next.exchange.done;
  const counted = [abandoned, next].map(({ exchange: { record } }) => [record.app, record.appRequests]);
  assert.deepEqual(counted, [
    [0, 1],
    [0, 2],
  ]);
});

test('a client that breaks the rules of WebSocket is told which', async () => {
  await using rig = await AppServerRig.started('converses', {
    webSocket: { pingSeconds: 0, pongSeconds: 0, maxMessageBytes: 1000 },
  });
  const offences: [number, RegExp, (talk: Talk) => void][] = [
    [
      1002,
      /a frame without mask/,
      ({ exchange }) => exchange.conversation.receiver?.onBodyData(Buffer.from([0x81, 0])),
    ],
    [1002, /no beginning/, (talk) => talk.say(continuation, 'x')],
    [1002, /begins in another one/, (talk) => [talk.say(text, 'x', false), talk.say(text, 'y')]],
    [1002, /no close code 1005/, (talk) => talk.say(close, code(1005))],
    [1007, /not UTF-8/, (talk) => talk.say(text, Buffer.from([0xff]))],
    [1009, /websockets-max-size/, (talk) => talk.say(binary, Buffer.alloc(1001))],
    [
      1009,
      /websockets-max-size/,
      (talk) => [talk.say(text, 'x'.repeat(600), false), talk.say(continuation, 'x'.repeat(600))],
    ],
  ];
  for (const [expected, reason, offend] of offences) {
    const talk = await new Talk(rig).opened();
    offend(talk);
    await talk.exchange.done;
    await talk.hears([close, code(expected)]);
    assert.match(rig.output.trim().split('\n').at(-1) ?? '', reason);
  }
});

test('a client that vanishes ends the WebSocket in the app', async () => {
  await using rig = await AppServerRig.started('converses');
  const talk = await new Talk(rig).opened();
  talk.say(text, 'still here');
  await talk.hears([text, 'still here']);
  talk.exchange.leave();
  const next = await new Talk(rig).opened();
  next.say(text, 'end');
  await next.exchange.done;
  assert.match(rig.output, /ended: unable to receive websocket message: the client is gone/);
});

test('a silent client is asked whether it is there, and dropped when it does not answer', async () => {
  await using rig = await AppServerRig.started('converses', {
    webSocket: { pingSeconds: 0.05, pongSeconds: 1, maxMessageBytes: 1000 },
  });
  const talk = await new Talk(rig).opened();
  await talk.hears([ping, '']);
  talk.say(pong, '');
  await talk.hears([ping, ''], [ping, '']);
  await talk.exchange.done;
  assert.equal(talk.exchange.abortReason, 'no PONG received in 1 secs !!!');
});

test('an app whose conversation fails ends it with 1011, with its traceback in the log', async () => {
  await using rig = await AppServerRig.started('converses');
  const talk = await new Talk(rig).opened();
  talk.say(text, 'fail');
  await talk.exchange.done;
  await talk.hears([close, code(1011)]);
  assert.match(rig.output, /ValueError: not that word/);
});

test('a worker that dies ends its conversations with 1011', async () => {
  await using rig = await AppServerRig.started('converses');
  const talk = await new Talk(rig).opened();
  process.kill(rig.server.workers[0]?.pid ?? 0, 'SIGKILL');
  await talk.exchange.done;
  await talk.hears([close, code(1011)]);
});

test('uwsgi.connection_fd is readable when there is a message, and uwsgi.websocket_recv_nb takes it', async () => {
  await using rig = await AppServerRig.started('converses');
  const talk = await new Talk(rig, '/looks_now_and_then').opened();
  talk.say(text, 'one');
  talk.say(text, 'two');
  setImmediate(() => talk.say(text, 'report'));
  await talk.exchange.done;
  await talk.hears([text, 'one,two,report'], [close, code(1000)]);
  // The thread that has watched the channel for it is in nobody's way.
  for (let i = 0; i < 10; i++) await new Talk(rig, '/', {}, 'none').exchange.done;
});

test('a worker that is told to stop while uwsgi.connection_fd is in use ends with its request', async () => {
  await using rig = await AppServerRig.started('converses', { threads: 2 });
  const talk = await new Talk(rig, '/looks_now_and_then').opened();
  talk.say(text, 'one');
  const other = await new Talk(rig, '/').opened();
  other.say(text, 'end');
  await other.exchange.done;
  const graceMs = 5000;
  const askedAt = performance.now();
  const stopped = rig.stop(graceMs);
  talk.say(text, 'report');
  await talk.exchange.done;
  await stopped;
  assert.ok(performance.now() - askedAt < graceMs, 'by itself, not by force');
});

test('what a framework answers behind a WebSocket is dropped', async () => {
  await using rig = await AppServerRig.started('converses');
  const talk = await new Talk(rig, '/answers_like_a_framework').opened();
  await talk.exchange.done;
  await talk.hears([text, 'said'], [close, code(1000)]);
});

test('an app that says more than its client takes is held back', async () => {
  await using rig = await AppServerRig.started('converses');
  const talk = new Talk(rig, '/shouts');
  talk.exchange.takesMore = false;
  await talk.opened();
  await talk.exchange.received(262_144);
  assert.doesNotMatch(rig.output, /shouted/);
  talk.exchange.takesMore = true;
  talk.exchange.observer?.onDrain();
  await talk.exchange.done;
  assert.match(rig.output, /shouted/);
});

test('a client that says more than the app takes is held back', async () => {
  await using rig = await AppServerRig.started('converses', { processes: 1 });
  const talk = await new Talk(rig, '/shouts').opened();
  const { conversation } = talk.exchange;
  for (let i = 0; i < 50 && !conversation.paused; i++) talk.say(binary, Buffer.alloc(10_000));
  assert.ok(conversation.paused);
  await talk.exchange.done;
});
