import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';

import type { BodyEncoder, ResponseFilter } from './exchange.ts';
import { startHttp, UNOBSERVED } from './rig.test-support.ts';

/** Puts a letter around everything that passes, and says at the end that it was the end. */
class Marker implements BodyEncoder {
  onOutput: (chunk: Uint8Array) => void = () => {};
  onFinished: () => void = () => {};
  onFailed: (error: Error) => void = () => {};
  destroyed = false;
  readonly #mark: string;

  constructor(mark: string) {
    this.#mark = mark;
  }

  write(chunk: Uint8Array): void {
    this.onOutput(Buffer.from(`${this.#mark}${Buffer.from(chunk).toString('latin1')}${this.#mark}`));
  }

  end(): void {
    this.onOutput(Buffer.from(this.#mark.toUpperCase()));
    this.onFinished();
  }

  destroy(): void {
    this.destroyed = true;
  }
}

function filterWith(encoder: BodyEncoder, seen?: (Uint8Array | undefined)[]): ResponseFilter {
  return {
    filterHead: (_exchange, _head, completeBody) => {
      seen?.push(completeBody);
      return encoder;
    },
  };
}

test('an answer passes its encoders in the order of their filters, those of the listener last', async () => {
  const seen: (Uint8Array | undefined)[] = [];
  await using rig = startHttp(
    (exchange) => {
      exchange.addFilter(filterWith(new Marker('a'), seen));
      exchange.respond({ status: 200, reason: 'OK', headers: ['Content-Length', '1'] }, Buffer.from('x'));
    },
    { filters: [filterWith(new Marker('b'), seen)] },
  );
  const text = await rig.roundTrip('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  assert.match(text, /Transfer-Encoding: chunked/);
  assert.doesNotMatch(text, /Content-Length/);
  assert.deepEqual(text.slice(text.indexOf('\r\n\r\n') + 4).split('\r\n'), [
    '5',
    'baxab',
    '3',
    'bAb',
    '1',
    'B',
    '0',
    '',
    '',
  ]);
  assert.deepEqual(
    seen.map((body) => body?.length),
    [1, undefined],
  );
});

test('an answer whose encoder fails is cut, its producer is told, and the log says why', async () => {
  const first = new Marker('a');
  const second = new Marker('b');
  let aborted = false;
  await using rig = startHttp(
    (exchange) => {
      exchange.addFilter(filterWith(first));
      exchange.start(
        { status: 200, reason: 'OK', headers: [] },
        {
          onDrain: () => {},
          onAbort: () => {
            aborted = true;
          },
        },
      );
      exchange.write(Buffer.from('x'));
      second.onFailed(new Error('no memory'));
    },
    { filters: [filterWith(second)] },
  );
  const client = await rig.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.closed();
  assert.equal(client.outcome, 'reset');
  assert.ok(aborted);
  assert.ok(first.destroyed && second.destroyed);
  assert.match(rig.complaints.join('\n'), /answer cut short: its body cannot be encoded: no memory/);
});

test('an encoder that fails when the answer is over changes nothing', async () => {
  const encoder = new Marker('a');
  await using rig = startHttp((exchange) => {
    exchange.addFilter(filterWith(encoder));
    exchange.start({ status: 200, reason: 'OK', headers: [] }, UNOBSERVED);
    exchange.end();
    encoder.onFailed(new Error('too late'));
  });
  assert.match(await rig.roundTrip('GET / HTTP/1.0\r\n\r\n'), /\r\n\r\nA$/);
  assert.deepEqual(rig.complaints, []);
});
