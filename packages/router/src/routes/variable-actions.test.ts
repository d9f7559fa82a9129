import assert from 'node:assert/strict';
import { test } from 'node:test';

import { complaintsOf, visit } from './route-rig.test-support.ts';

function variablesAfter(rules: readonly string[], uri: string): Readonly<Record<string, string>> {
  const { list } = visit(rules, uri).exchange.variables;
  return Object.fromEntries(list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1] ?? '']] : [])));
}

test('addvar adds to the environ, the last value counts', () => {
  const { FOO, BAR } = variablesAfter(
    ['route-run = addvar:FOO=1', 'route-run = addvar:FOO=a=b c', 'route-run = addvar:BAR=${PATH_INFO}'],
    '/x',
  );
  assert.deepEqual([FOO, BAR], ['a=b c', '/x']);
  assert.deepEqual(complaintsOf('route-run = addvar:x'), [
    'error: [uwsgi-route] invalid addvar syntax, must be KEY=VAL, not "x"',
  ]);
});

test('setters give the variables of the request other values', () => {
  const setters = {
    setapp: 'UWSGI_APPID',
    setdocroot: 'DOCUMENT_ROOT',
    setfile: 'UWSGI_FILE',
    sethome: 'UWSGI_HOME',
    setmethod: 'REQUEST_METHOD',
    setpathinfo: 'PATH_INFO',
    setremoteaddr: 'REMOTE_ADDR',
    setscheme: 'UWSGI_SCHEME',
    setscriptname: 'SCRIPT_NAME',
    seturi: 'REQUEST_URI',
    setuser: 'REMOTE_USER',
  };
  for (const [action, variable] of Object.entries(setters)) {
    assert.equal(variablesAfter([`route-run = ${action}:/\${QUERY_STRING}`], '/?new')[variable], '/new', action);
  }
});

test('rewrite changes path and query and leaves the URI, and rules behind it see that', () => {
  const rewritten = (target: string, uri: string): string => {
    const { PATH_INFO, QUERY_STRING, REQUEST_URI } = variablesAfter([`route = ^/old/?(.*) rewrite:${target}`], uri);
    return `${PATH_INFO} ${QUERY_STRING} ${REQUEST_URI}`;
  };
  assert.equal(rewritten('/new', '/old?c=d'), '/new c=d /old?c=d');
  assert.equal(rewritten('/new?p=$1', '/old/a?c=d'), '/new p=a&c=d /old/a?c=d');
  assert.equal(rewritten('/new?a=b', '/old'), '/new a=b /old');
  assert.equal(rewritten('/new?', '/old?x=y'), '/new x=y /old?x=y');
  const rules = ['route = ^/new addheader:X-Saw: new', 'route-run = addheader:X-End: yes'];
  assert.equal(visit(['route = ^/old rewrite:/new', ...rules], '/old').exchange.header('X-Saw'), 'new');
  assert.equal(visit(['route = ^/old rewrite-last:/new', ...rules], '/old').exchange.header('X-End'), undefined);
});

test('fixpathinfo takes the mount point off the path', () => {
  const rules = ['route-run = setscriptname:/app', 'route-run = fixpathinfo:'];
  assert.equal(variablesAfter(rules, '/app/x')['PATH_INFO'], '/x');
  assert.equal(variablesAfter(rules, '/other')['PATH_INFO'], '/other');
});

test('hash picks the item that belongs to a key', () => {
  // As the real uWSGI picks.
  for (const [key, item] of [
    ['1', 'b'],
    ['2', 'b'],
    ['abcdef', 'a'],
    ['user42', 'a'],
  ] as const) {
    const rules = ['route-run = hash:items=a;b;c,key=${QUERY_STRING},var=PICK'];
    assert.equal(variablesAfter(rules, `/hash?${key}`)['PICK'], item, key);
  }
  assert.match(variablesAfter(['route-run = hash:items=a;b,key=k,var=PICK,algo=rand'], '/')['PICK'] ?? '', /^[ab]$/);
  assert.deepEqual(complaintsOf('route-run = hash:items=a,key=k,var=X,algo=crc32', 'route-run = hash:items=a'), [
    'error: unable to find hash algo "crc32"',
    'error: invalid route syntax: you need to specify a hash key, a var and a set of items',
  ]);
});
