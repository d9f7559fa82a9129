import assert from 'node:assert/strict';
import { test } from 'node:test';

import { collectGarbage } from './engine.ts';

test('collectGarbage has V8 collect what nobody holds any more', () => {
  let garbage: object | undefined = { tea: 'oolong' };
  const left = new WeakRef(garbage);
  garbage = undefined;
  // A WeakRef holds its target until the turn that made it has ended.
  return new Promise<void>((resolve) => {
    setImmediate(() => {
      collectGarbage();
      assert.equal(left.deref(), undefined);
      assert.equal(globalThis.gc, undefined, 'nothing is left behind for others');
      resolve();
    });
  });
});
