import assert from 'node:assert/strict';
import { test } from 'node:test';

import { complaintsOf, evaluate, visit } from './route-rig.test-support.ts';

test('texts hold variables, and what is no reference as written', () => {
  assert.equal(evaluate('${PATH_INFO}?${QUERY_STRING}', '/x?a=1'), '/x?a=1');
  assert.equal(evaluate('${nothing}'), '');
  assert.equal(evaluate('${}|$ {|$|$$|$x|$1|${PATH_INFO'), '|$ {|$|$$|$x||${PATH_INFO');
  assert.equal(evaluate('${a[b}|${a]}'), '|');
});

test('groups stand for what the pattern matched, also inside braces', () => {
  const value = (text: string): string | undefined =>
    visit([`route = ^/t/(.)(x)?(z)? addheader:X: ${text}|`], '/t/qx?q=Q').exchange.header('X');
  assert.equal(value('$0'), '/t/qx|');
  assert.equal(value('$1-$2-$3-$9'), 'q-x--|');
  assert.equal(value('$12'), 'q2|');
  assert.equal(value('${qs[$1]}'), 'Q|');
  assert.equal(value('${QUERY_ST$4RING}'), 'q=Q|');
});

test('groups of the condition regexp can be used', () => {
  const { exchange } = visit(['route-if = regexp:${PATH_INFO};^/(.) addheader:X: $1'], '/abc');
  assert.equal(exchange.header('X'), 'a');
});

test('texts are never made of what a client sends', () => {
  const { exchange } = visit(['route = ^/(.*) addheader:X: $1 ${QUERY_STRING}'], '/?${REMOTE_ADDR}', {
    path: '/${REMOTE_ADDR}',
  });
  assert.equal(exchange.header('X'), '${REMOTE_ADDR} ${REMOTE_ADDR}');
});

test('a text with a function that does not exist is told of', () => {
  assert.deepEqual(complaintsOf('route-run = addheader:X: ${cookies[a]}'), [
    'warning: "${cookies[a]}" is always empty: there is no function "cookies"',
  ]);
});
