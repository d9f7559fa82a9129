import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ctime } from './ctime.ts';
import { strftime } from './strftime.ts';

const DATE = new Date(2026, 10, 2, 9, 5, 1);

test('ctime pads the day with a blank', () => {
  assert.equal(ctime(Math.floor(DATE.getTime() / 1000)), 'Mon Nov  2 09:05:01 2026');
});

for (const [format, text] of [
  ['%Y-%m-%d %H:%M:%S', '2026-11-02 09:05:01'],
  ['%a %A %b %B', 'Mon Monday Nov November'],
  ['%d/%b/%y %e %j', '02/Nov/26  2 306'],
  ['%I:%M %p %k %l', '09:05 AM  9  9'],
  ['%F %T %R %D', '2026-11-02 09:05:01 09:05 11/02/26'],
  ['%u %w %C %% %q', '1 1 20 % %q'],
  ['%c', 'Mon Nov  2 09:05:01 2026'],
] as const) {
  test(`strftime writes ${format} as C does`, () => {
    assert.equal(strftime(format, DATE), text);
  });
}
