import type { Buffer } from 'node:buffer';
import { type Socket, connect } from 'node:net';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';

import type { SteadyAnswers, SteadyOrder } from './steady-load.ts';

/**
 * The process that sends the requests of `steadyLoad`, each on a connection of its own. It is alone in a process, with a young generation that
 * holds a whole round, so that no collection of garbage falls into one; and it is awake when a request is due.
 */

/** A timer may be late by as much; the rest of the time is spent awake. */
const AWAKE_MS = 1.5;
/** Who has no answer so long after the last request was sent, has failed. */
const PATIENCE_MS = 5000;
const LOOK_AGAIN_MS = 10;

async function run({ port, dueMs, isSlow }: SteadyOrder): Promise<SteadyAnswers> {
  const answeredMs = new Float64Array(dueMs.length).fill(Number.NaN);
  const open = new Set<Socket>();
  globalThis.gc?.();
  const began = performance.now();
  for (const [index, due] of dueMs.entries()) {
    await untilDue(began + due);
    const socket = ask(
      port,
      isSlow[index] === 1 ? '/slow' : '/',
      () => (answeredMs[index] = performance.now() - began),
    );
    open.add(socket.on('close', () => open.delete(socket)));
  }
  const last = performance.now();
  while (open.size > 0 && performance.now() - last < PATIENCE_MS) await pause(LOOK_AGAIN_MS);
  for (const socket of open) socket.destroy();
  return { answeredMs };
}

async function untilDue(due: number): Promise<void> {
  const early = due - performance.now();
  if (early > AWAKE_MS) await pause(early - AWAKE_MS);
  while (performance.now() < due) await turn();
}

/** @param answered called at the end of a good answer */
function ask(port: number, path: string, answered: () => void): Socket {
  const socket = connect(port, '127.0.0.1');
  let isGood = false;
  let isFirst = true;
  socket.on('data', (data: Buffer) => {
    if (isFirst) isGood = /^HTTP\/1\.[01] 200 /.test(data.toString('latin1', 0, 16));
    isFirst = false;
  });
  socket.on('end', () => {
    if (isGood) answered();
  });
  socket.on('error', () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  return socket;
}

process.once('message', (order: SteadyOrder) => {
  void run(order).then((answers) => process.send?.(answers, undefined, {}, () => process.disconnect?.()));
});
