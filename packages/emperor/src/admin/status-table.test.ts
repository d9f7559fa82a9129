import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CURSED, NOW, WELL } from '../testing/statuses.ts';
import { statusTable } from './status-table.ts';

test('statusTable shows the unwell first, with the reason, in 80 columns', () => {
  const lines = statusTable({ pid: 1, since: '', vassals: [WELL, CURSED] }, NOW).split('\n');
  assert.deepEqual(lines, [
    'VASSAL                STATE     SINCE PID     BUSY  REQ/S P95    MEMORY RESTARTS',
    'z.ini                 cursed    10s   -       -     -     -      -      5',
    '  exit status 22, failure 6 in a row; next try in 12s',
    "  | ModuleNotFoundError: No module named 'nomod'",
    '…te/project/uwsgi.ini loyal     4h    1234567 1/4   12    12ms   24M    0',
    '  2 of its answers were 5xx in the last 45 s',
    '',
  ]);
});

test('statusTable gives names what a wider terminal has more', () => {
  const [, row] = statusTable({ pid: 1, since: '', vassals: [WELL] }, NOW, 130).split('\n');
  assert.match(row ?? '', /^\/srv\/www\/a-rather-long-name-of-a-site\/project\/uwsgi\.ini +loyal/);
});

test('statusTable says of a vassal that does not answer that its figures are old', () => {
  const table = statusTable({ pid: 1, since: '', vassals: [{ ...WELL, answering: false }] }, NOW);
  assert.match(table, /does not answer on its control socket/);
});

test('statusTable renders terminal escapes harmless', () => {
  const table = statusTable({ pid: 1, since: '', vassals: [{ ...CURSED, lastError: '\u001B[2Jgone' }] }, NOW);
  assert.match(table, /\| \\x1b\[2Jgone/);
});

test('statusTable says when there is nothing to show', () => {
  assert.match(statusTable({ pid: 1, since: '', vassals: [] }, NOW), /No vassal/);
});
