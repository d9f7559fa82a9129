import assert from 'node:assert/strict';
import test from 'node:test';

import { AppRequest } from './app-request.ts';
import { triage } from './rescue.ts';
import { FakeExchange } from './testing/fake-exchange.ts';

/** Requests with streams 1, 2, 3, … */
function requests(...methods: string[]): AppRequest[] {
  return methods.map((method, index) => {
    const request = new AppRequest(new FakeExchange({ REQUEST_METHOD: method }), 0);
    request.stream = index + 1;
    return request;
  });
}

function streams(result: ReturnType<typeof triage>): { repeatable: number[]; lost: number[] } {
  const numbers = (list: readonly AppRequest[]): number[] => list.map(({ stream }) => stream);
  return { repeatable: numbers(result.repeatable), lost: numbers(result.lost) };
}

test('triage loses what was running, repeats what was not begun, and of what was finished only what is safe', () => {
  const progress = { begun: new Set([3]), running: new Set([3]) };
  assert.deepEqual(streams(triage(requests('POST', 'GET', 'GET', 'POST', 'GET'), progress, 1)), {
    repeatable: [2, 4, 5],
    lost: [1, 3],
  });
});

test('triage knows that a worker had begun nothing of what is left', () => {
  const progress = { begun: new Set([99]), running: new Set<number>() };
  assert.deepEqual(streams(triage(requests('POST', 'POST'), progress, 1)), { repeatable: [1, 2], lost: [] });
});

test('triage counts the first of each thread as running when nothing is known', () => {
  assert.deepEqual(streams(triage(requests('GET', 'GET', 'POST', 'GET'), undefined, 2)), {
    repeatable: [4],
    lost: [1, 2, 3],
  });
});

test('triage never repeats a request whose answer or body has begun to flow', () => {
  const [request] = requests('GET');
  if (request !== undefined) request.begun = true;
  const progress = { begun: new Set<number>(), running: new Set<number>() };
  assert.deepEqual(streams(triage(request === undefined ? [] : [request], progress, 1)), { repeatable: [], lost: [1] });
});
