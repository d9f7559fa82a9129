import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';

import { encodeUwsgiPacket } from '@emperor/protocol';

import { exchangeBytes } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { needs } from '../run/parts.ts';
import { evaluate, startCaching } from './instances.ts';

const lines = ['cache2 = name=pages,items=100', 'cache2 = name=small,items=10,blocksize=100', 'add-cache-item = k=v'];

/** Commands of the cache as a client sends them (modifier1 111, modifier2 17), each with the value that follows. */
const commands: readonly (readonly [variables: readonly string[], value: string])[] = [
  [['cmd', 'get', 'key', 'k'], ''],
  [['cmd', 'get', 'key', 'k', 'cache', 'small'], ''],
  [['cmd', 'get', 'key', 'absent', 'cache', 'pages'], ''],
  [['cmd', 'get', 'key', 'k', 'cache', 'nope'], ''],
  [['cmd', 'exists', 'key', 'k'], ''],
  [['cmd', 'exists', 'key', 'absent'], ''],
  [['cmd', 'set', 'key', 'new', 'size', '5', 'cache', 'pages'], 'hello'],
  [['cmd', 'set', 'key', 'new', 'size', '5', 'cache', 'pages'], 'HELLO'],
  [['cmd', 'get', 'key', 'new'], ''],
  [['cmd', 'update', 'key', 'new', 'size', '5'], 'HELLO'],
  [['cmd', 'get', 'key', 'new'], ''],
  [['cmd', 'set', 'key', 'large', 'size', '200', 'cache', 'small'], 'x'.repeat(200)],
  [['cmd', 'del', 'key', 'new'], ''],
  [['cmd', 'del', 'key', 'new'], ''],
  [['cmd', 'clear', 'cache', 'small'], ''],
  [['cmd', 'nonsense', 'key', 'k'], ''],
  [['cache', 'pages'], ''],
];

test('the cache answers over the uwsgi protocol as the real one does', needs('uwsgi'), async (t) => {
  await using rig = Rig.open(t);
  const ours = await startCaching(rig, lines, { name: 'ours' });
  const theirs = await startCaching(rig, lines, { name: 'theirs', isUwsgi: true });
  for (const [variables, value] of commands) {
    const packet = Buffer.concat([encodeUwsgiPacket(111, 17, variables), Buffer.from(value)]);
    const [mine, wanted] = await Promise.all([
      exchangeBytes(ours.socketPort, packet),
      // It closes on a value that it refuses without reading it, which can cut the connection.
      exchangeBytes(theirs.socketPort, packet).catch(() => Buffer.alloc(0)),
    ]);
    assert.equal(mine.toString('latin1'), wanted.toString('latin1'), variables.join(' '));
  }
});

test('an app reaches the caches of another instance, a real uWSGI or ours', needs('uwsgi'), async (t) => {
  await using rig = Rig.open(t);
  const ours = await startCaching(rig, lines, { name: 'ours' });
  const theirs = await startCaching(rig, lines, { name: 'theirs', isUwsgi: true });
  for (const [asking, asked] of [
    [ours, theirs],
    [theirs, ours],
  ] as const) {
    const name = `pages@127.0.0.1:${asked.socketPort}`;
    assert.deepEqual(
      await evaluate(
        asking.port,
        `uwsgi.cache_get('far', '${name}')`,
        `uwsgi.cache_set('far', 'away', 100, '${name}')`,
        `uwsgi.cache_get('far', '${name}')`,
        `uwsgi.cache_exists('far', '${name}')`,
        `uwsgi.cache_del('far', '${name}')`,
        `uwsgi.cache_get('far', '${name}')`,
      ),
      ['None', 'True', "b'away'", 'True', 'True', 'None'],
    );
  }
});
