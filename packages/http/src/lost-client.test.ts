import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';

import type { Exchange } from './exchange.ts';
import { type RigOptions, startHttp, UNOBSERVED } from './rig.test-support.ts';

const GET = 'GET /big?x HTTP/1.1\r\nHost: a\r\n\r\n';
const ok = (...headers: string[]): { status: number; reason: string; headers: string[] } => ({
  status: 200,
  reason: 'OK',
  headers,
});

/** Has the client reset its connection in the middle of what `handle` does. @returns what was complained of */
async function complaintsAfterLoss(handle: (exchange: Exchange) => void, options?: RigOptions): Promise<string[]> {
  const opened = Promise.withResolvers<void>();
  await using rig = startHttp((exchange) => {
    handle(exchange);
    opened.resolve();
  }, options);
  const client = await rig.connect();
  client.send(GET);
  await opened.promise;
  client.destroy();
  await rig.until(() => rig.finished.length === 1);
  return rig.complaints;
}

function streamAsWorker(exchange: Exchange): void {
  exchange.record.workerId = 1;
  exchange.start(ok(), UNOBSERVED);
  exchange.write(Buffer.from('begun'));
}

test('a client that goes away while its worker answers is logged as uWSGI does', async () => {
  assert.deepEqual(await complaintsAfterLoss(streamAsWorker), [
    'uwsgi_response_write_body_do(): Connection reset by peer during GET /big?x (127.0.0.1)',
  ]);
});

test('a client that goes away before its worker answers is logged when the answer is given', async () => {
  const complaints = await complaintsAfterLoss((exchange) => {
    exchange.record.workerId = 1;
    exchange.answerer = { clientGone: () => exchange.respond(ok(), Buffer.from('late')) };
  });
  assert.deepEqual(complaints, [
    'uwsgi_response_writev_headers_and_body_do(): Connection reset by peer during GET /big?x (127.0.0.1)',
  ]);
});

test('a client that goes away is not logged with ignore-write-errors, nor where no worker took part', async () => {
  assert.deepEqual(await complaintsAfterLoss(streamAsWorker, { ignoresLostClients: true }), []);
  const proxied = (exchange: Exchange): void => {
    exchange.start(ok(), UNOBSERVED);
    exchange.write(Buffer.from('begun'));
  };
  assert.deepEqual(await complaintsAfterLoss(proxied), []);
});

test('an answer whose head is above response-headers-limit becomes a 500', async () => {
  await using rig = startHttp((exchange) => exchange.respond(ok('X', 'y'.repeat(1000)), Buffer.from('hello')), {
    limits: { answerHeadBytes: 1000 },
  });
  assert.match(await rig.roundTrip(GET), /^HTTP\/1\.1 500 [^]*Connection: close\r\n[^]*\r\n\r\nInternal Server Error$/);
  assert.match(rig.complaints[0] ?? '', /the head of the answer has 1024 bytes, more than 1000 \(option response-h/);
});
