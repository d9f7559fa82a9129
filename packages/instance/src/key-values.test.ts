import assert from 'node:assert/strict';
import test from 'node:test';

import { readKeyValues } from './key-values.ts';

const entry = { key: 'attach-daemon2', value: 'x', origin: { source: 'a.ini', line: 3 } };
const KNOWN = { cmd: 'command', command: 'command', freq: 'frequency' } as const;

test('readKeyValues takes commas behind a backslash as part of the value', () => {
  const values = readKeyValues(entry, 'cmd=echo a\\,b=c,freq=3', KNOWN);
  assert.deepEqual(
    [...values],
    [
      ['command', 'echo a,b=c'],
      ['frequency', '3'],
    ],
  );
});

test('readKeyValues names the place, the word and what there is', () => {
  assert.throws(() => readKeyValues(entry, 'cmd=x,frq=3', KNOWN), {
    message: /^a\.ini:3: attach-daemon2 = x: "frq=3" is not understood: .* cmd, command, freq /,
  });
});
