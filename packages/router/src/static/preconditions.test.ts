import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Variables } from '@emperor/http';

import { checkPreconditions, ifRangeHolds } from './preconditions.ts';

const MODIFIED = 784_111_777;
const VALIDATORS = { etag: '"a-1"', modifiedSeconds: MODIFIED };
const THEN = 'Sun, 06 Nov 1994 08:49:37 GMT';
const BEFORE = 'Sun, 06 Nov 1994 08:49:36 GMT';

function variablesOf(given: Record<string, string>): Variables {
  const variables = new Variables();
  for (const [name, value] of Object.entries(given)) variables.add(`HTTP_${name}`, value);
  return variables;
}

for (const [given, status] of [
  [{}, undefined],
  [{ IF_MODIFIED_SINCE: THEN }, 304],
  [{ IF_MODIFIED_SINCE: BEFORE }, undefined],
  [{ IF_MODIFIED_SINCE: 'garbage' }, undefined],
  [{ IF_NONE_MATCH: '"x", W/"a-1"' }, 304],
  [{ IF_NONE_MATCH: '*' }, 304],
  [{ IF_NONE_MATCH: '"x"', IF_MODIFIED_SINCE: THEN }, undefined],
  [{ IF_MATCH: '"a-1"' }, undefined],
  [{ IF_MATCH: 'W/"a-1"' }, 412],
  [{ IF_MATCH: '"x"' }, 412],
  [{ IF_MATCH: '"a-1"', IF_UNMODIFIED_SINCE: BEFORE }, undefined],
  [{ IF_UNMODIFIED_SINCE: BEFORE }, 412],
  [{ IF_UNMODIFIED_SINCE: THEN }, undefined],
  [{ IF_UNMODIFIED_SINCE: THEN, IF_NONE_MATCH: '"a-1"' }, 304],
] as const) {
  test(`checkPreconditions answers ${status ?? 'with the file'} to ${JSON.stringify(given)}`, () => {
    assert.equal(checkPreconditions(variablesOf(given), VALIDATORS), status);
  });
}

test('checkPreconditions knows no entity tag where none is sent', () => {
  assert.equal(
    checkPreconditions(variablesOf({ IF_NONE_MATCH: '"a-1"' }), { ...VALIDATORS, etag: undefined }),
    undefined,
  );
});

for (const [ifRange, holds] of [
  ['"a-1"', true],
  ['"x"', false],
  ['W/"a-1"', false],
  [THEN, true],
  [BEFORE, false],
] as const) {
  test(`ifRangeHolds is ${holds} for ${ifRange}`, () => {
    assert.equal(ifRangeHolds(variablesOf({ IF_RANGE: ifRange }), VALIDATORS), holds);
  });
}
