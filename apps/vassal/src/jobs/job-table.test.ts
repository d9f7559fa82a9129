import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JobRow } from './job-queue.ts';
import { contentText, jobTable } from './job-table.ts';

const row: JobRow = {
  place: '/spool',
  name: 'uwsgi_spoolfile_on_a_1',
  state: 'waiting',
  priority: undefined,
  attempts: 0,
  spooled: 1000,
  due: 0,
  bytes: 12,
  reason: undefined,
};

test('jobTable shows each job in a line, and below it why it failed', () => {
  const dead: JobRow = { ...row, name: 'other', state: 'dead', attempts: 5, priority: 3, reason: 'its process died' };
  const text = jobTable([{ ...row, due: 1130 }, dead], 1100);
  assert.deepEqual(text.split('\n'), [
    'STATE    TRIES  AGE   DUE IN  PRIORITY  BYTES  NAME',
    'waiting  0      100s  30s     -         12     uwsgi_spoolfile_on_a_1',
    'dead     5      100s  -       3         12     other',
    '    its process died',
    '',
  ]);
});

test('jobTable says so when there are no jobs', () => {
  assert.equal(jobTable([], 0), 'no jobs\n');
});

test('contentText cuts long values and says how long they are', () => {
  const text = contentText('name', new Map([['key', Buffer.from('a\nb')]]), Buffer.alloc(3000, 'x'));
  assert.match(text, /^name\n {2}key = "a\\nb"\n {2}body = "x{2000}" … \(3000 bytes\)\n$/);
});
