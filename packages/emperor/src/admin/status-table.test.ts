import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CURSED, NOW, WELL } from '../testing/statuses.ts';
import { statusTable } from './status-table.ts';

test('statusTable shows the unwell first, with the reason, in 80 columns', () => {
  const lines = statusTable({ pid: 1, since: '', vassals: [WELL, CURSED] }, NOW).split('\n');
  assert.deepEqual(lines, [
    'VASSAL            STATE     SINCE PID     BUSY  REQ/S P95    MEMORY    RESTARTS',
    'z.ini             cursed    10s   -       -     -     -      -         5',
    '  exit status 22, failure 6 in a row; next try in 12s',
    "  | ModuleNotFoundError: No module named 'nomod'",
    '…roject/uwsgi.ini loyal     4h    1234567 1/4   12    12ms   24M/256M  0',
    '  2 of its answers were 5xx in the last 45 s',
    '',
  ]);
});

test('statusTable has more columns for a wider terminal, and the rest of it for names', () => {
  const [head, row] = statusTable({ pid: 1, since: '', vassals: [WELL] }, NOW, { width: 230 }).split('\n');
  assert.deepEqual(head?.split(/ {2,}| (?=\S)/).filter(Boolean), [
    ...'VASSAL STATE SINCE UP PID B/IDLE/MAX QUEUE REQ/S P50 P95 P99 5XX MEMORY RESTARTS'.split(' '),
    ...'LAST RELOAD ADDRESSES'.split(' '),
  ]);
  assert.deepEqual(row?.split(/ {2,}/), [
    '/srv/www/a-rather-long-name-of-a-site/project/uwsgi.ini',
    'loyal',
    '4h',
    '5h',
    '1234567 1/3/8',
    '0',
    '12',
    '0.8ms',
    '12ms',
    '1.5s',
    '2',
    '24M/256M',
    '0',
    '60s ago, 340ms, 0 failed',
    'http://127.0.0.1:8000',
  ]);
});

test('statusTable never is wider than the terminal', () => {
  for (const width of [80, 119, 120, 169, 170]) {
    const table = statusTable({ pid: 1, since: '', vassals: [WELL, CURSED] }, NOW, { width });
    assert.ok(
      table.split('\n').every((line) => line.length <= width),
      table,
    );
  }
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

test('statusTable tells behind the vassals what cannot be one', () => {
  const status = { pid: 1, since: '', vassals: [WELL], problems: ['a.ini is a FIFO', `b.ini ${'x'.repeat(100)}`] };
  const lines = statusTable(status, NOW).trimEnd().split('\n').slice(-2);
  assert.deepEqual(lines, ['! a.ini is a FIFO', `! b.ini ${'x'.repeat(71)}…`]);
  assert.match(statusTable({ ...status, vassals: [] }, NOW), /No vassal[^!]*\n! a\.ini is a FIFO\n/);
});

test('statusTable paints the unwell for a terminal, and leaves the others as they are', () => {
  const status = { pid: 1, since: '', vassals: [WELL, CURSED] };
  const lines = statusTable(status, NOW, { isColoured: true }).split('\n');
  for (const [row, beginning] of [
    [1, 'z.ini '],
    [3, '  | ModuleNotFoundError'],
  ] as const) {
    assert.ok(lines[row]?.startsWith(`\u001B[31m${beginning}`) && lines[row].endsWith('\u001B[0m'), `${lines[row]}`);
  }
  assert.ok(lines[4]?.startsWith('…'));
});
