import assert from 'node:assert/strict';
import { test } from 'node:test';

import { takeFromBuiltins } from './builtin-imports.ts';

test('takeFromBuiltins keeps names, their other names and the number of lines', () => {
  const code = `import { readFileSync, statSync as look } from 'node:fs';
import {
  join,
  basename as nameOf,
} from 'node:path';
import path from 'node:path';
import { a } from './a.js';`;
  assert.equal(
    takeFromBuiltins(code),
    `const { readFileSync, statSync : look } = process.getBuiltinModule('node:fs');
const {
  join,
  basename : nameOf,
} = process.getBuiltinModule('node:path');
import path from 'node:path';
import { a } from './a.js';`,
  );
});
