import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';

import { AppServerRig } from './testing/app-server-rig.ts';
import { FakeBody, type FakeExchange } from './testing/fake-exchange.ts';

const CLIENTS = 24;
const REQUESTS_PER_CLIENT = 30;

/** A small generator of numbers, the same in every run. */
function makeRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return Math.floor((state / 0x8000_0000) * limit);
  };
}

type Kind = (rig: AppServerRig, random: (limit: number) => number) => Promise<FakeExchange>;

/** Sends a body in pieces, as fast as it is taken. */
function pieces(size: number, pieceBytes: number): FakeBody {
  const body = new FakeBody(undefined, size);
  let sent = 0;
  const send = (): void => {
    if (body.paused) return;
    if (sent >= size) {
      body.receiver?.onBodyEnd();
      return;
    }
    const piece = Buffer.alloc(Math.min(pieceBytes, size - sent), 'x');
    sent += piece.length;
    body.receiver?.onBodyData(piece);
    setImmediate(send);
  };
  body.onReceive = send;
  return body;
}

const kinds: readonly Kind[] = [
  async (rig) => {
    const exchange = await rig.get('/quick');
    assert.equal(exchange.text, 'quick');
    return exchange;
  },
  async (rig, random) => {
    const size = random(500_000);
    const exchange = await rig.get({ PATH_INFO: '/large', QUERY_STRING: String(size) });
    assert.equal(exchange.bodyBytes, size);
    return exchange;
  },
  async (rig, random) => {
    const size = random(400_000);
    const exchange = await rig.get('/count', pieces(size, 1 + random(60_000)));
    assert.equal(exchange.text, String(size));
    return exchange;
  },
  async (rig, random) => {
    const exchange = await rig.get({ PATH_INFO: '/slow', QUERY_STRING: String(random(10)) });
    assert.equal(exchange.text, 'ab');
    return exchange;
  },
  /** A client that takes its answer piece by piece. */
  async (rig) => {
    const exchange = rig.send({ PATH_INFO: '/large', QUERY_STRING: '600000' });
    exchange.takesMore = false;
    const timer = setInterval(() => exchange.observer?.onDrain(), 1);
    await exchange.done;
    clearInterval(timer);
    assert.equal(exchange.bodyBytes, 600_000);
    return exchange;
  },
  /** A client that goes away. */
  async (rig, random) => {
    const exchange = rig.send({ PATH_INFO: '/large', QUERY_STRING: '600000' });
    exchange.takesMore = false;
    setTimeout(() => exchange.leave(), random(10));
    await exchange.done;
    return exchange;
  },
];

for (const [processes, threads] of [
  [1, 1],
  [2, 1],
  [1, 3],
  [2, 4],
] as const) {
  test(`workers answer a mixed load, each request with its own answer (processes ${processes}, threads ${threads})`, async () => {
    await using rig = await AppServerRig.started('mixed', { processes, threads });
    const random = makeRandom(processes * 10 + threads);
    const client = async (): Promise<void> => {
      for (let i = 0; i < REQUESTS_PER_CLIENT; i++) {
        const exchange = await kinds[random(kinds.length)]?.(rig, random);
        assert.equal(exchange?.abortReason, undefined);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    assert.equal(rig.server.queueLength, 0);
  });
}
