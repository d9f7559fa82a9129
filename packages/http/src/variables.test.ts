import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Variables } from './variables.ts';

test('Variables keep the place of one that is given another value', () => {
  const variables = new Variables();
  variables.add('A', '1');
  variables.add('B', '2');
  variables.set('A', 'one');
  variables.redefine('B', 'two');
  variables.redefine('C', 'three');
  variables.delete('A');
  assert.deepEqual(variables.list, ['B', 'two', 'C', 'three']);
});

test('Variables count what was redefined as uWSGI does: with the value before, and not what was set', () => {
  const variables = new Variables();
  variables.add('PATH_INFO', '/old');
  variables.set('PATH_INFO', '/set');
  assert.deepEqual(variables.measure(), { count: 2, bytes: 17 });
  variables.redefine('PATH_INFO', '/newer');
  assert.deepEqual(variables.measure(), { count: 4, bytes: 36 });
});
