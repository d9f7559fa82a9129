import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AppRequest } from './app-request.ts';
import { UnfinishedBodies } from './unfinished-bodies.ts';

interface Upload {
  readonly request: AppRequest;
  /** What may be held of it. */
  readonly atMostBytes: number;
  /** The body is there. */
  finish(): void;
}

function upload(length?: number): Upload {
  let onCollected: () => void = () => {};
  let limit = 0;
  const whenCollected = (callback: () => void, atMostBytes: number): void => {
    onCollected = callback;
    limit = atMostBytes;
  };
  return {
    request: { exchange: { body: { length, whenCollected } } } as unknown as AppRequest,
    get atMostBytes() {
      return limit;
    },
    finish: () => onCollected(),
  };
}

test('UnfinishedBodies lets a request go on when its body is there, or when there is room, once', () => {
  const admitted: AppRequest[] = [];
  const bodies = new UnfinishedBodies((request) => admitted.push(request));
  const [first, second, third] = [upload(), upload(), upload()];
  for (const { request } of [first, second, third]) bodies.hold(request, undefined);
  second.finish();
  bodies.releaseFirst();
  first.finish();
  assert.deepEqual(admitted, [second.request, first.request]);
  assert.equal(bodies.length, 1);
});

test('UnfinishedBodies holds nobody for longer than is said', async () => {
  const { promise, resolve } = Promise.withResolvers<AppRequest>();
  const bodies = new UnfinishedBodies(resolve);
  const { request } = upload();
  bodies.hold(request, 1);
  assert.equal(await promise, request);
});

test('UnfinishedBodies keeps a bounded number of bytes, of each body and of all', () => {
  const megabyte = 2 ** 20;
  const bodies = new UnfinishedBodies(() => {});
  const small = upload(100_000);
  const large = Array.from({ length: 9 }, (_, i) => upload(i % 2 === 0 ? undefined : 50 * megabyte));
  for (const { request } of [small, ...large]) bodies.hold(request, undefined);
  assert.equal(small.atMostBytes, 100_000);
  assert.deepEqual(
    large.map(({ atMostBytes }) => atMostBytes),
    [...Array.from({ length: 7 }, () => 2 * megabyte), 2 * megabyte - 100_000, 0],
  );
  large[0]?.finish();
  const late = upload(megabyte);
  bodies.hold(late.request, undefined);
  assert.equal(late.atMostBytes, megabyte);
});
