import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeExchange } from '../routes/fake-exchange.test-support.ts';
import type { Log } from './log.ts';
import { RequestLogger, type RequestLogOptions } from './request-logger.ts';

interface Answer {
  readonly status?: number;
  readonly bytes?: number;
  readonly elapsedMs?: number;
  readonly via?: string;
  readonly silent?: boolean;
  readonly aborted?: boolean;
}

function isLogged(options: RequestLogOptions, answer: Answer = {}): boolean {
  const lines: string[] = [];
  const log = { byteLine: (text: string) => lines.push(text) } as unknown as Log;
  const exchange = new FakeExchange();
  exchange.record.via = answer.via ?? '';
  exchange.record.silent = answer.silent ?? false;
  exchange.respond({ status: answer.status ?? 200, reason: 'X', headers: [] }, Buffer.alloc(answer.bytes ?? 5));
  exchange.aborted = answer.aborted ?? false;
  new RequestLogger(log, options).finished(exchange, 1, exchange.startedAtMs + (answer.elapsedMs ?? 1));
  return lines.length === 1;
}

test('the request logger writes one line for each exchange', () => {
  assert.equal(isLogged({}), true);
});

test('the request logger is silent about an exchange that a route silenced', () => {
  assert.equal(isLogged({}, { silent: true }), false);
});

test('disable-logging silences requests', () => {
  assert.equal(isLogged({ 'disable-logging': true }), false);
});

for (const [option, value, worthALine, notWorthALine] of [
  ['log-4xx', true, { status: 404 }, { status: 500 }],
  ['log-5xx', true, { status: 503 }, { status: 404 }],
  ['log-zero', true, { bytes: 0 }, { bytes: 1 }],
  ['log-slow', 1000, { elapsedMs: 1200 }, { elapsedMs: 999 }],
  ['log-big', 10, { bytes: 11 }, { bytes: 9 }],
  ['log-sendfile', true, { via: 'sendfile()' }, { via: 'offload()' }],
  ['log-ioerror', true, { aborted: true }, { aborted: false }],
] as const) {
  test(`${option} is an exception from disable-logging`, () => {
    const options = { 'disable-logging': true, [option]: value };
    assert.equal(isLogged(options, worthALine), true);
    assert.equal(isLogged(options, notWorthALine), false);
  });
}

test('log-format replaces the request line', () => {
  const lines: string[] = [];
  const log = { byteLine: (text: string) => lines.push(text) } as unknown as Log;
  const exchange = new FakeExchange({ uri: '/x' });
  new RequestLogger(log, { 'log-format': '%(method) %(uri)' }).finished(exchange, 1);
  assert.deepEqual(lines, ['GET /x']);
});
