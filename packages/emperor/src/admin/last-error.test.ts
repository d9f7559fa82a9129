import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lastErrorOf } from './last-error.ts';

test('lastErrorOf finds the end of a traceback before other complaints', () => {
  const lines = [
    'Traceback (most recent call last):',
    '  File "app.py", line 1, in <module>',
    "ModuleNotFoundError: No module named 'nomod'",
    'unable to load app 0',
    'need-app is set, and no app could be loaded: missing',
  ];
  assert.equal(lastErrorOf(lines), "ModuleNotFoundError: No module named 'nomod'");
});

test('lastErrorOf takes a line that complains, else the last one', () => {
  assert.equal(lastErrorOf(['uwsgi.ini:4: cannot listen on :80', 'goodbye']), 'uwsgi.ini:4: cannot listen on :80');
  assert.equal(lastErrorOf(['one', 'two', '']), 'two');
  assert.equal(lastErrorOf([]), undefined);
});
