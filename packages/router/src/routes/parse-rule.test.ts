import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { dumpTable } from './dump-rule.ts';
import { parseRule } from './parse-rule.ts';
import { complaintsOf, routesOf } from './route-rig.test-support.ts';

test('parseRule takes a rule apart at its first blank and colon', () => {
  assert.deepEqual(parseRule('route', '^/x  addheader:A: b:c'), {
    kind: 'rule',
    subject: { kind: 'variable', name: 'path_info', variable: 'PATH_INFO', pattern: '^/x' },
    action: 'addheader',
    argument: 'A: b:c',
  });
  assert.deepEqual(parseRule('route-if-not', 'equal:a;b last:'), {
    kind: 'rule',
    subject: { kind: 'condition', name: 'equal', argument: 'a;b', negated: true },
    action: 'last',
    argument: '',
  });
});

test('parseRule refuses in uWSGI words', () => {
  for (const rule of ['route = ^/x', 'route = ^/x last', 'route-run = last', 'route-run = ']) {
    assert.match(complaintsOf(rule).join(), /^error: invalid route syntax/, rule);
  }
  assert.deepEqual(complaintsOf('response-route-status = abc last:'), [
    'error: invalid route syntax: expected a status such as 404, not "abc"',
  ]);
});

test('the tables are dumped as uWSGI dumps them', () => {
  const { dump } = routesOf([
    'final-route-label = end',
    'route-host = ^a\\.org$ last:',
    'route-uri = ^/ last:',
    'route-qs = ^/ last:',
    'route-remote-addr = ^/ last:',
    'route-user-agent = ^/ last:',
    'route-referer = ^/ last:',
    'route-remote-user = ^/ last:',
    'route = ^/x continue:',
    'route-if-not = empty:${X} break:403',
    'route-run = addheader:X-A: é',
    'error-route-status = 403 redirect:/x',
    'pull-header = X-App APP',
  ]);
  assert.deepEqual(dump, [
    '*** dumping internal routing table ***',
    '[rule: 0] subject: http_host regexp: ^a\\.org$ action: last:',
    '[rule: 1] subject: request_uri regexp: ^/ action: last:',
    '[rule: 2] subject: query_string regexp: ^/ action: last:',
    '[rule: 3] subject: remote_addr regexp: ^/ action: last:',
    '[rule: 4] subject: user_agent regexp: ^/ action: last:',
    '[rule: 5] subject: referer regexp: ^/ action: last:',
    '[rule: 6] subject: remote_user regexp: ^/ action: last:',
    '[rule: 7] subject: path_info regexp: ^/x action: continue:',
    '[rule: 8] subject: ${X} func: !empty action: break:403',
    '[rule: 9] action: addheader:X-A: é',
    '*** end of the internal routing table ***',
    '*** dumping internal error routing table ***',
    '[rule: 0] subject: 403 func: 403 action: redirect:/x',
    '*** end of the internal error routing table ***',
    '*** dumping internal final routing table ***',
    '[rule: 0] label: end',
    '*** end of the internal final routing table ***',
    'pulling header X-App to var APP',
  ]);
});

test('parseRule loses nothing of what it takes apart', () => {
  const word = fc.stringMatching(/^[!-9;-~]{1,8}$/);
  fc.assert(
    fc.property(word, word, fc.string(), (pattern, action, argument) => {
      const rule = parseRule('route', `${pattern} ${action}:${argument}`);
      assert.equal(
        dumpTable('request', [rule])[1],
        `[rule: 0] subject: path_info regexp: ${pattern} action: ${action}:${argument}`,
      );
    }),
  );
});
