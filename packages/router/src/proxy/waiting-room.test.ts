import assert from 'node:assert/strict';
import test from 'node:test';

import { type Exchange, TimerWheel } from '@emperor/http';

import { get, ProxyRig } from './rig.test-support.ts';
import { WaitingRoom } from './waiting-room.ts';

function startRig(patienceMs: number): { rig: ProxyRig; room: WaitingRoom; arrived: Promise<Exchange> } {
  const room = new WaitingRoom(new TimerWheel(), patienceMs);
  const rig = new ProxyRig({ backends: [] });
  const { promise: arrived, resolve } = Promise.withResolvers<Exchange>();
  rig.handle = (exchange) => {
    const head = { status: 200, reason: 'OK', headers: [] };
    room.add(exchange, () => exchange.respond(head, Buffer.from('proceeded')));
    resolve(exchange);
    return true;
  };
  return { rig, room, arrived };
}

test('WaitingRoom holds requests until it opens', async () => {
  const { rig, room, arrived } = startRig(60_000);
  await using _ = rig;
  const answer = rig.ask(get('/'));
  assert.equal((await arrived).responded, false);
  room.open();
  assert.match(await answer, /proceeded$/);
});

test('WaitingRoom lets a request go when its time is over', async () => {
  const { rig } = startRig(1);
  await using _ = rig;
  assert.match(await rig.ask(get('/')), /proceeded$/);
});

test('WaitingRoom forgets a request whose client goes away', async () => {
  const { rig, room, arrived } = startRig(60_000);
  await using _ = rig;
  const client = await rig.connect();
  client.send(get('/'));
  const exchange = await arrived;
  client.reset();
  await rig.until(() => rig.finished.includes(exchange));
  room.open();
  assert.equal(exchange.status, 499);
});
