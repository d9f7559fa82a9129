import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { VassalStatus } from './status.ts';
import { statusPage, statusTable } from './status-table.ts';

const NOW = Date.parse('2026-11-22T16:00:00.000Z');

const WELL: VassalStatus = {
  name: '/srv/www/a-rather-long-name-of-a-site/project/uwsgi.ini',
  path: '/srv/www/a-rather-long-name-of-a-site/project/uwsgi.ini',
  state: 'loyal',
  since: '2026-11-22T12:00:00.000Z',
  pid: 1_234_567,
  launches: 1,
  failures: 0,
  failing: false,
  lastLines: ['one', 'two'],
  answering: true,
  figures: {
    requests: 1234,
    responses: { '5xx': 2 },
    bytesOut: 0,
    workers: { total: 4, busy: 1, idle: 3 },
    queueDepth: 0,
    exceptions: 0,
    respawns: 0,
    openConnections: 0,
    addresses: ['http://127.0.0.1:8000'],
  },
};

const CURSED: VassalStatus = {
  name: 'z.ini',
  path: '/srv/z.ini',
  state: 'cursed',
  reason: 'exit status 22, failure 6 in a row',
  since: '2026-11-22T15:59:50.000Z',
  launches: 6,
  failures: 6,
  failing: false,
  lastExit: 'exit status 22',
  nextTry: '2026-11-22T16:00:12.000Z',
  lastLines: ["ModuleNotFoundError: No module named 'nomod'"],
  answering: false,
};

test('statusTable shows the unwell first, with the reason, in 80 columns', () => {
  const lines = statusTable({ pid: 1, since: '', vassals: [WELL, CURSED] }, NOW).split('\n');
  assert.deepEqual(lines, [
    'VASSAL                           STATE    SINCE PID     BUSY  REQUESTS RESTARTS',
    'z.ini                            cursed   10s   -       -     -        5',
    '  exit status 22, failure 6 in a row; next try in 12s',
    "  | ModuleNotFoundError: No module named 'nomod'",
    '…ame-of-a-site/project/uwsgi.ini loyal    4h    1234567 1/4   1234     0',
    '',
  ]);
});

test('statusTable says when there is nothing to show', () => {
  assert.match(statusTable({ pid: 1, since: '', vassals: [] }, NOW), /No vassal/);
});

test('statusPage tells everything about one vassal', () => {
  const page = statusPage(CURSED, NOW);
  assert.match(page, /^z\.ini\n {2}state {6}cursed, for 10s\n {2}reason {5}exit status 22, failure 6 in a row\n/);
  assert.match(page, /next try {3}in 12s\n/);
  assert.match(page, /Last lines:\n {2}ModuleNotFoundError/);
  assert.match(statusPage(WELL, NOW), /workers {4}1 of 4 busy, 0 waiting\n {2}requests {3}1234, 2 of them/);
});
