import assert from 'node:assert/strict';
import { test } from 'node:test';

import { complaintsOf, visit } from './route-rig.test-support.ts';

const valueOf = (...actions: readonly string[]): string | undefined =>
  visit(
    actions.map((action) => `route-run = ${action}`),
    '/?5',
  ).exchange.variables.get('N');

test('the four operations calculate with a variable', () => {
  assert.equal(valueOf('addvar:N=17', '-:N,3', '*:N,2', '/:N,5'), '5');
  assert.equal(valueOf('addvar:N=4', '+:N,${QUERY_STRING}'), '9');
  assert.equal(valueOf('addvar:N=-7', '/:N,2'), '-3');
});

test('the four operations take what is no number for 0, and a number that is not there for 1', () => {
  assert.equal(valueOf('+:N'), '1');
  assert.equal(valueOf('addvar:N=x', '+:N,4'), '4');
  assert.equal(valueOf('addvar:N=4', '*:N,'), '0');
  assert.equal(valueOf('addvar:N=4', '/:N,0'), '0');
});

test('the four operations need the name of a variable', () => {
  assert.deepEqual(complaintsOf('route-run = +:'), ['error: invalid route syntax: +: needs the name of a variable']);
});
