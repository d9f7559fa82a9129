import { once } from 'node:events';
import { connect } from 'node:net';

import { ask } from '../rig/http-client.ts';
import type { Program } from '../rig/program.ts';
import { until } from '../rig/until.ts';

/** What can be started again and again. */
export interface Launch {
  readonly port: number;
  readonly start: () => Promise<Program>;
}

/** Whether a connection to the port is accepted. */
export async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Whether `/` is answered with 200. */
export async function serves(port: number): Promise<boolean> {
  return (await ask(port, 'GET /').catch(() => undefined))?.status === 200;
}

/** Milliseconds from `began` until it is so, to within ten. */
export async function msUntil(
  what: string,
  began: number,
  condition: () => Promise<boolean>,
  withinMs?: number,
): Promise<number> {
  await until(what, condition, withinMs);
  return performance.now() - began;
}
