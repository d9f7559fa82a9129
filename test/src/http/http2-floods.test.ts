import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test, type TestContext } from 'node:test';

import { privateBytesOfTree } from '../rig/processes.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { startSecure } from '../tls/project.ts';
import { frame, FrameClient, FrameFlag, FrameType, requestFields } from './http2-frames.ts';

const { endHeaders, endStream } = FrameFlag;
const GET = requestFields('GET', '/');
const MEGABYTE = 2 ** 20;

async function start(t: TestContext, ...lines: string[]): Promise<{ rig: Rig; port: number; vassal: Program }> {
  const rig = Rig.open(t);
  const { port, vassal } = await startSecure(rig, { lines: ['disable-logging = true', ...lines] });
  return { rig, port, vassal };
}

function resetCode(payload: Buffer): number {
  return payload.readUInt32BE(payload.length - 4);
}

/** Frames that cost the server something and the client nothing; each is repeated until the server has had enough. */
const FLOODS: Readonly<Record<string, { frames: (round: number) => Buffer; opening?: Buffer }>> = {
  settings: { frames: () => Buffer.concat(Array.from({ length: 50 }, () => frame(FrameType.settings, 0, 0))) },
  pings: {
    frames: () => Buffer.concat(Array.from({ length: 50 }, () => frame(FrameType.ping, 0, 0, Buffer.alloc(8)))),
  },
  'continuations of a head that never ends': {
    opening: frame(FrameType.headers, 0, 1, GET),
    frames: () =>
      Buffer.concat(
        Array.from({ length: 20 }, () => frame(FrameType.continuation, 0, 1, requestFields('GET', '/').subarray(0, 0))),
      ),
  },
  'continuations full of fields': {
    opening: frame(FrameType.headers, 0, 1, GET),
    frames: () =>
      frame(
        FrameType.continuation,
        0,
        1,
        Buffer.concat(Array.from({ length: 100 }, () => Buffer.from('\0\x01x\x01y', 'latin1'))),
      ),
  },
  'empty pieces of a body': {
    opening: frame(FrameType.headers, endHeaders, 1, requestFields('POST', '/echo')),
    frames: () => Buffer.concat(Array.from({ length: 100 }, () => frame(FrameType.data, 0, 1))),
  },
  'requests that are reset at once': {
    frames: (round) =>
      Buffer.concat(
        Array.from({ length: 20 }, (_, i) => {
          const stream = 1 + 2 * (20 * round + i);
          return [
            frame(FrameType.headers, endHeaders | endStream, stream, GET),
            frame(FrameType.resetStream, 0, stream, Buffer.alloc(4)),
          ];
        }).flat(),
      ),
  },
  'requests that make the server reset them': {
    frames: (round) =>
      Buffer.concat(
        Array.from({ length: 20 }, (_, i) => {
          const stream = 1 + 2 * (20 * round + i);
          // A window that grows by nothing is an error of its stream (RFC 9113 section 6.9).
          return [
            frame(FrameType.headers, endHeaders | endStream, stream, GET),
            frame(FrameType.windowUpdate, 0, stream, Buffer.alloc(4)),
          ];
        }).flat(),
      ),
  },
};

for (const [name, { frames, opening }] of Object.entries(FLOODS)) {
  test(`HTTP/2 ends a connection that floods it with ${name}, and serves the next one`, oursOnly, async (t) => {
    const { rig, port, vassal } = await start(t);
    await using _ = rig;
    const before = privateBytesOfTree(vassal.pid);
    await using client = await FrameClient.connect(port);
    await client.until(FrameType.settings);
    if (opening !== undefined) client.send(opening);
    for (let round = 0; round < 2000 && !client.isClosed; round++) await client.floodWith(frames(round), 1);
    await client.closed();
    const grown = (privateBytesOfTree(vassal.pid) - before) / MEGABYTE;
    assert.ok(grown < 40, `${grown} MB more`);
    await using next = await FrameClient.connect(port);
    next.send(frame(FrameType.headers, endHeaders | endStream, 1, GET));
    await next.until(FrameType.data, 1);
  });
}

test(
  'HTTP/2 resets the streams of a client that opens no window, and closes when the client takes nothing at all',
  oursOnly,
  async (t) => {
    const { rig, port, vassal } = await start(t, 'http-timeout = 1', 'socket-timeout = 1');
    await using _ = rig;
    const INITIAL_WINDOW = 4;
    await using client = await FrameClient.connect(port, [[INITIAL_WINDOW, 0]]);
    for (const stream of [1, 3])
      client.send(frame(FrameType.headers, endHeaders | endStream, stream, requestFields('GET', '/large')));
    for (const stream of [1, 3]) assert.equal(resetCode(await client.until(FrameType.resetStream, stream)), 8);
    await vassal.waitForLog(/127\.0\.0\.1 took nothing of its answer in time: stream cut/);
    const stuck = await FrameClient.connect(port, [[INITIAL_WINDOW, 2 ** 31 - 1]]);
    stuck.send(frame(FrameType.windowUpdate, 0, 0, Buffer.from([0x7f, 0, 0, 0])));
    stuck.pause();
    for (let stream = 1; stream < 20; stream += 2)
      stuck.send(frame(FrameType.headers, endHeaders | endStream, stream, requestFields('GET', '/large')));
    await vassal.waitForLog(/127\.0\.0\.1 took nothing of its HTTP\/2 connection in time: connection cut/);
    stuck.resume();
    await stuck.closed();
  },
);

test(
  'HTTP/2 answers 408 to a body that stops, and closes a connection that never says what it wants',
  oursOnly,
  async (t) => {
    const { rig, port } = await start(t, 'http-timeout = 1');
    await using _ = rig;
    await using silent = await FrameClient.connect(port);
    await using half = await FrameClient.connect(port);
    half.send(frame(FrameType.headers, 0, 1, GET));
    await using client = await FrameClient.connect(port);
    client.send(frame(FrameType.headers, endHeaders, 1, requestFields('POST', '/echo', [['content-length', '100']])));
    client.send(frame(FrameType.data, 0, 1, 'half'));
    assert.equal((await client.until(FrameType.data, 1)).toString(), 'Request Timeout');
    await silent.closed();
    await half.closed();
  },
);
