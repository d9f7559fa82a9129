import assert from 'node:assert/strict';

import { readAnswers } from './answers.test-support.ts';
import type { Exchange, ResponseHead } from './exchange.ts';
import { hello, type Rig, type RigOptions, startHttp } from './rig.test-support.ts';

export const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
export const NEXT = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';
export const ok = (...headers: string[]): ResponseHead => ({ status: 200, reason: 'OK', headers });

/** A server that answers `/next` plainly, so that a test can see whether the connection is still in step. */
export function start(handle: (exchange: Exchange) => void, options?: RigOptions): Rig {
  return startHttp(
    (exchange) => (exchange.variables.get('REQUEST_URI') === '/next' ? hello(exchange) : handle(exchange)),
    options,
  );
}

/** Sends a request and one behind it. @returns head and body of the first answer, once both are there */
export async function firstOfTwo(rig: Rig, request: string = GET): Promise<{ head: readonly string[]; body: string }> {
  const isHead = (index: number): boolean => index === 0 && request.startsWith('HEAD');
  const client = await rig.connect();
  client.send(request + NEXT);
  const text = await client.until((received) => readAnswers(received, isHead).answers.length === 2);
  const { answers, rest } = readAnswers(text, isHead);
  assert.equal(rest, '');
  assert.equal(answers[1]?.body, 'hello');
  return answers[0] ?? assert.fail();
}
