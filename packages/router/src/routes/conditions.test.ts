import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { complaintsOf, visit } from './route-rig.test-support.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'conditions-'));
writeFileSync(path.join(directory, 'file'), 'x');
writeFileSync(path.join(directory, 'run.sh'), 'x');
chmodSync(path.join(directory, 'run.sh'), 0o755);
mkdirSync(path.join(directory, 'directory'));
symlinkSync('file', path.join(directory, 'link'));
symlinkSync('nowhere', path.join(directory, 'broken'));
after(() => {
  rmSync(directory, { recursive: true });
});

/** Whether the real uWSGI's condition holds. */
type Case = readonly [condition: string, holds: boolean];

function check(cases: readonly Case[]): void {
  for (const [condition, holds] of cases) {
    const { exchange } = visit(
      [`route-if = ${condition} addheader:X-Holds: yes`, `route-if-not = ${condition} addheader:X-Fails: yes`],
      '/path?q=1',
    );
    assert.equal(exchange.header('X-Holds'), holds ? 'yes' : undefined, condition);
    assert.equal(exchange.header('X-Fails'), holds ? undefined : 'yes', condition);
  }
}

test('conditions over texts hold when they hold in uWSGI', () => {
  check([
    ['equal:a;a', true],
    ['equal:a;A', false],
    ['equal:a;a;b', false],
    ['equal:;', true],
    ['equal:${PATH_INFO};/path', true],
    ['startswith:abc;ab', true],
    ['startswith:ab;abc', false],
    ['startswith:ab;', true],
    ['endswith:abc;bc', true],
    ['endswith:abc;', true],
    ['endswith:abc;ab', false],
    ['contains:abc;b', true],
    ['contains:abc;', false],
    ['contain:abc;b', true],
    ['empty:', true],
    ['empty:${X}', true],
    ['empty:a', false],
    ['regexp:abc;b', true],
    ['regexp:abc;', true],
    ['regexp:abc;^b', false],
    ['regexp:ABC;(?i)b', true],
    ['regexp:${NOTHING};^$', true],
  ]);
});

test('conditions over texts have short names', () => {
  check([
    ['eq:a;a', true],
    ['isequal:3;03', false],
    ['==:a;b', false],
    ['re:abc;^a', true],
  ]);
});

test('conditions over numbers read leading digits', () => {
  check([
    ['ishigher:10;9', true],
    ['ishigher:9;10', false],
    ['ishigher:a;9', false],
    ['ishigher:10;10', false],
    ['ishigher:10x;9', true],
    ['>:10;9', true],
    ['>=:10;10', true],
    ['ishigherequal:10;10', true],
    ['islower:9;10', true],
    ['islower:-1;0', true],
    ['<:9;10', true],
    ['<=:10;10', true],
    ['islowerequal:9;10', true],
  ]);
});

test('conditions over addresses know networks', () => {
  check([
    ['ipv4in:${REMOTE_ADDR};127.0.0.0/8', true],
    ['ipv4in:127.0.0.1;127.0.0.1', true],
    ['ipv4in:127.0.0.1;128.0.0.0/8', false],
    ['ipv4in:foo;127.0.0.0/8', false],
    ['ipv4in:127.0.0.1;0.0.0.0/0', true],
    ['ipv4in:127.0.0.1;127.255.0.1/8', true],
    ['ipv4in:127.0.0.1;127.0.0.0', false],
    ['ipv4in:127.0.0.1;${NOTHING}', false],
    ['ipv6in:::1;::1', true],
    ['ipv6in:::1;::/0', true],
    ['ipv6in:fe80::1;fe80::/10', true],
    ['ipv6in:fe80::1;fe80::ffff/64', true],
    ['ipv6in:fe80::1;fe81::/16', false],
    ['ipv6in:127.0.0.1;::/0', false],
    ['ipv6in:::ffff:127.0.0.1;::ffff:127.0.0.0/104', true],
  ]);
});

test('conditions over files ask the file system', () => {
  check([
    [`exists:${directory}`, true],
    [`exists:${directory}/broken`, false],
    [`exists:${directory}/none`, false],
    [`exists:${directory}/file/below`, false],
    [`exists:`, false],
    [`isfile:${directory}`, false],
    [`isfile:${directory}/file`, true],
    [`isfile:${directory}/link`, true],
    [`isdir:${directory}/directory`, true],
    [`isdir:${directory}/file`, false],
    [`islink:${directory}/link`, true],
    [`islink:${directory}/broken`, true],
    [`islink:${directory}/file`, false],
    [`isexec:${directory}/run.sh`, true],
    [`isexec:${directory}/directory`, true],
  ]);
});

test('a condition that lacks an argument never holds, and is told of', () => {
  check([
    ['equal:a', false],
    ['equal:', false],
    ['startswith:ab', false],
    ['contains:abc', false],
    ['islower:9', false],
    ['regexp:abc', false],
    ['ipv4in:127.0.0.1', false],
    ['ipv4in:127.0.0.1;127.0.0.0/33', false],
    ['ipv4in:127.0.0.1;foo', false],
    ['lord:a;b', false],
  ]);
  assert.deepEqual(complaintsOf('route-if = equal:a last:'), [
    'warning: the condition never holds: it needs two texts with ";" between them, not "a"',
  ]);
  assert.deepEqual(complaintsOf('route-if = ipv4in:${REMOTE_ADDR};10.0.0.0/99 last:'), [
    'warning: the condition never holds: "10.0.0.0/99" is no ipv4 network',
  ]);
});

test('a condition that does not exist is an error in uWSGI words', () => {
  assert.deepEqual(complaintsOf('route-if = foo:a last:'), ['error: unable to find "foo" route condition']);
  assert.deepEqual(complaintsOf('route-if = foo last:'), ['error: invalid route condition syntax: "foo" has no colon']);
  assert.match(complaintsOf('route-if = regexp:a;( last:').join(), /^error: cannot use the regular expression "\("/);
});
