import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AppRequest } from './app-request.ts';
import { UnfinishedBodies } from './unfinished-bodies.ts';

interface Upload {
  readonly request: AppRequest;
  /** The body is there. */
  finish(): void;
}

function upload(): Upload {
  let onCollected: () => void = () => {};
  const body = { whenCollected: (callback: () => void) => void (onCollected = callback) };
  return { request: { exchange: { body } } as unknown as AppRequest, finish: () => onCollected() };
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
