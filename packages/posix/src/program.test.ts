import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findProgram } from './program.ts';

test('findProgram looks along the PATH', () => {
  assert.equal(findProgram('sh', '/nowhere:/bin'), '/bin/sh');
  assert.equal(findProgram('no-such-program', '/bin'), undefined);
});
