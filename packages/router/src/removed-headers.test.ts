import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createHeaderRemoval } from './removed-headers.ts';
import { FakeExchange } from './routes/fake-exchange.test-support.ts';
import { openEdits } from './routes/answer-edits.ts';

test('rem-header takes away what the app sends, and leaves what add-header and rules add', () => {
  const exchange = new FakeExchange();
  exchange.addHeader('Server', 'added');
  exchange.addHeader('X-Rule', 'rule');
  openEdits(exchange).addedLines = 1;
  exchange.addFilter(createHeaderRemoval(['server', ' X-RULE '], 1));
  const headers = ['SERVER', 'app', 'X-Kept', '1', 'x-rule', 'app', 'Server', 'again'];
  exchange.respond({ status: 200, reason: 'OK', headers }, Buffer.from('x'));
  assert.equal(exchange.head, '200 OK\nX-Kept: 1\nServer: added\nX-Rule: rule\n');
  assert.equal(exchange.headerCount, 3);
});
