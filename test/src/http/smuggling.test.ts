import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { connect as connectPlain, type Socket } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { patienceMs, within } from '../rig/until.ts';
import { HIDDEN, SMUGGLING_CASES, type SmugglingCase } from './smuggling-corpus.ts';
import { startListeners } from './listeners.ts';

/** Connections at a time. */
const WIDTH = 16;

/** Sends the bytes and takes all there is until the server closes; a reset may follow the answer where input was left unread. */
async function exchange(socket: Socket, bytes: string): Promise<string> {
  let text = '';
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
  });
  socket.on('data', (chunk) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.write(Buffer.from(bytes, 'latin1'));
  await within(patienceMs, `the server to close after ${JSON.stringify(bytes)}`, closed);
  return text;
}

/** What is wrong with the answer; undefined when it is one error answer that closes. */
function faultOf(answer: string, { status }: SmugglingCase): string | undefined {
  const statuses = answer.match(/HTTP\/1\.[01] \d{3} /g) ?? [];
  if (statuses.length !== 1) return `${statuses.length} answers`;
  if (!answer.startsWith(`HTTP/1.1 ${status} `)) return `not ${status}`;
  if (!/\r\nConnection: close\r\n/.test(answer)) return 'does not say that it closes';
  if (answer.includes('smuggled')) return 'names the hidden request';
  return undefined;
}

async function refuseAll(open: () => Socket): Promise<void> {
  const faults: string[] = [];
  const waiting = [...SMUGGLING_CASES];
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const answer = await exchange(open(), next.bytes + HIDDEN);
      const fault = faultOf(answer, next);
      if (fault !== undefined) faults.push(`${fault}: ${JSON.stringify(next.bytes)} got ${JSON.stringify(answer)}`);
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, work));
  assert.deepEqual(faults, []);
}

test(
  'what smuggles through some server gets one refusal and a closed connection on every listener',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t);
    const { vassal, ports } = await startListeners(rig);
    const openings: Record<string, () => Socket> = {
      http: () => connectPlain(ports.http, '127.0.0.1'),
      'http-socket': () => connectPlain(ports['http-socket'], '127.0.0.1'),
      https: () => connectTls({ port: ports.https, host: '127.0.0.1', rejectUnauthorized: false }),
    };
    for (const [listener, open] of Object.entries(openings)) {
      const mark = vassal.log.mark();
      await t.test(listener, () => refuseAll(open));
      assert.equal((await ask(ports['http-socket'], 'GET /the-end')).status, 200);
      await vassal.waitForLog(/GET \/the-end => /, mark);
      const lines = vassal.log.lines.slice(mark);
      // One line for each: they are refused before they are requests.
      const refusals = lines.filter((line) => line.includes(' - refused a request from 127.0.0.1 with '));
      assert.equal(refusals.length, SMUGGLING_CASES.length);
      assert.equal(
        lines.find((line) => line.includes('smuggled')),
        undefined,
      );
    }
  },
);
