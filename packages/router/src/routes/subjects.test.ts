import assert from 'node:assert/strict';
import { test } from 'node:test';

import { visit } from './route-rig.test-support.ts';

const RULES = [
  'route = ^/a(\\d+)/(.*)$ addheader:X-Path: $1-$2-$3-$$-$x',
  'route-host = ^x\\.org$ addheader:X-Host: $0',
  'route-uri = \\?(.*) addheader:X-Uri: $1',
  'route-qs = ^$ addheader:X-No-Query: yes',
  'route-remote-addr = ^127\\. addheader:X-Local: yes',
  'route-user-agent = (?i)bot addheader:X-Bot: yes',
  'route-referer = .* addheader:X-Referer: yes',
  'route-remote-user = .* addheader:X-User: yes',
];

function headOf(uri: string, variables: Readonly<Record<string, string>> = {}): string {
  return visit(RULES, uri, { headers: [], variables }).exchange.head;
}

test('rules match the variable their option names, and use the groups', () => {
  assert.equal(
    headOf('/a12/xy', { HTTP_HOST: 'x.org', HTTP_USER_AGENT: 'BOTTY' }),
    '200 OK\nX-Path: 12-xy--$$-$x\nX-Host: x.org\nX-No-Query: yes\nX-Local: yes\nX-Bot: yes\n',
  );
  assert.equal(headOf('/?a=1'), '200 OK\nX-Uri: a=1\nX-Local: yes\n');
});

test('rules match no variable that a request has not, whatever the pattern', () => {
  assert.equal(headOf('/x'), '200 OK\nX-No-Query: yes\nX-Local: yes\n');
  assert.equal(headOf('/x', { HTTP_REFERER: '' }), '200 OK\nX-No-Query: yes\nX-Local: yes\nX-Referer: yes\n');
});

test('rules match bytes', () => {
  const head = (path: string): string =>
    visit(['route = ^/é.$ addheader:X: é'], '/', { path, headers: [] }).exchange.head;
  assert.equal(head('/\xc3\xa9.'), '200 OK\nX: \xc3\xa9\n');
  assert.equal(head('/\xe9.'), '200 OK\n');
});

test('rules of a chain are asked in the order in which they stand, across all kinds', () => {
  const { exchange } = visit(
    [
      'route-run = addvar:A=1',
      'route-if = equal:${A};1 addvar:A=2',
      'route = / addheader:X-A: ${A}',
      'route-run = addvar:A=3',
    ],
    '/',
  );
  assert.equal(exchange.header('X-A'), '2');
});
