import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { INITIAL_WINDOW_BYTES } from './app-request.ts';
import { AppServerRig } from './testing/app-server-rig.ts';
import { Fifos } from './testing/fifo.ts';

/** What may be under way beyond the window: the piece that a worker has collected when it is sent because time goes by. */
const PIECE_BYTES = 140_000;

const fifos = new Fifos();
let rig: AppServerRig;

before(async () => {
  rig = await AppServerRig.started('takes_its_time');
});

after(async () => {
  await rig[Symbol.asyncDispose]();
  fifos[Symbol.dispose]();
});

test('an item leaves before the next one is made, also while the app blocks', async () => {
  const path = fifos.make();
  const exchange = rig.send({ PATH_INFO: '/streams', QUERY_STRING: path });
  await exchange.received(5);
  assert.equal(exchange.text, 'first');
  await fifos.release(path);
  await exchange.done;
  assert.equal(exchange.text, 'firstsecond');
});

test('an item leaves before the next one is made, also while the app computes', async () => {
  const path = fifos.path();
  const exchange = rig.send({ PATH_INFO: '/streams_busily', QUERY_STRING: path });
  await exchange.received(5);
  assert.equal(exchange.text, 'first');
  await fifos.release(path);
  await exchange.done;
  assert.equal(exchange.text, 'firstsecond');
});

test('a large body arrives whole', async () => {
  for (const name of ['/huge', '/huge_write']) {
    const exchange = await rig.get(name);
    assert.equal(exchange.text, '0123456789'.repeat(300_000) + (name === '/huge' ? '' : 'end'));
  }
});

test('large bodies arrive whole side by side, when their bytes go through memory that is too small for them', async () => {
  await rig.get('/huge');
  const exchanges = [rig.send('/huge'), rig.send('/huge'), rig.send('/huge')];
  for (const exchange of exchanges) {
    await exchange.done;
    assert.equal(exchange.text, '0123456789'.repeat(300_000));
  }
});

test('a client that takes nothing stops the app after the window, and the app goes on when it takes more', async () => {
  const exchange = rig.send('/endless');
  exchange.takesMore = false;
  await exchange.received(INITIAL_WINDOW_BYTES);
  const sent = exchange.bodyBytes;
  assert.ok(sent < INITIAL_WINDOW_BYTES + PIECE_BYTES, `${sent} bytes were sent`);
  exchange.observer?.onDrain();
  await exchange.received(2 * INITIAL_WINDOW_BYTES);
  assert.ok(exchange.bodyBytes <= sent + INITIAL_WINDOW_BYTES + PIECE_BYTES);
  exchange.leave();
  await rig.get('/quick');
  assert.match(rig.output, /closed after \d+ items\n/);
});

test('a client that goes away ends an app that waits for it, once and for all', async () => {
  const before = rig.output.length;
  const exchange = rig.send('/endless');
  exchange.takesMore = false;
  await exchange.received(INITIAL_WINDOW_BYTES);
  exchange.leave();
  assert.match((await rig.get('/quick')).text, /^quick/);
  assert.equal(rig.output.slice(before).match(/closed after/g)?.length, 1);
});

test('a client that goes away ends an app that streams slowly', async () => {
  const before = rig.output.length;
  const exchange = rig.send('/ticks');
  await exchange.received(2000);
  exchange.leave();
  assert.match((await rig.get('/quick')).text, /^quick/);
  assert.match(rig.output.slice(before), /closed after \d+ items/);
});
