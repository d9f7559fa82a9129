import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';

import { encodeUwsgiPacket } from '@emperor/protocol';

import { startNginxWith } from '../neighbours/nginx.ts';
import { ask, exchangeBytes } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, skipFor } from '../rig/subject.ts';
import { needs } from '../run/parts.ts';
import { evaluate, startCaching } from './instances.ts';

const lines = ['cache2 = name=pages,items=100', 'cache2 = name=small,items=10,blocksize=100', 'add-cache-item = k=v'];

const ok = 'o\x0c\x00\x11\x06\x00status\x02\x00ok';
const value = (text: string): string =>
  `o\x15\x00\x11\x06\x00status\x02\x00ok\x04\x00size\x01\x00${text.length}${text}`;

/** Commands as a client sends them (modifier1 111, modifier2 17), what follows them, and what the real uWSGI answers. */
const commands: readonly (readonly [variables: readonly string[], body: string, answer: string])[] = [
  [['cmd', 'get', 'key', 'k'], '', value('v')],
  [['cmd', 'get', 'key', 'k', 'cache', 'small'], '', value('v')],
  [['cmd', 'get', 'key', 'absent', 'cache', 'pages'], '', ''],
  [['cmd', 'get', 'key', 'k', 'cache', 'nope'], '', ''],
  [['cmd', 'exists', 'key', 'k'], '', ok],
  [['cmd', 'exists', 'key', 'absent'], '', ''],
  [['cmd', 'set', 'key', 'new', 'size', '5', 'cache', 'pages'], 'hello', ok],
  [['cmd', 'set', 'key', 'new', 'size', '5', 'cache', 'pages'], 'HELLO', ''],
  [['cmd', 'get', 'key', 'new'], '', value('hello')],
  [['cmd', 'update', 'key', 'new', 'size', '5'], 'HELLO', ok],
  [['cmd', 'get', 'key', 'new'], '', value('HELLO')],
  [['cmd', 'set', 'key', 'large', 'size', '200', 'cache', 'small'], 'x'.repeat(200), ''],
  [['cmd', 'del', 'key', 'new'], '', ok],
  [['cmd', 'del', 'key', 'new'], '', ''],
  [['cmd', 'clear', 'cache', 'small'], '', ok],
  [['cmd', 'nonsense', 'key', 'k'], '', ''],
  [['cache', 'pages'], '', ''],
];

test('the cache answers over the uwsgi protocol as the real one does', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { socketPort } = await startCaching(rig, lines);
  for (const [variables, body, answer] of commands) {
    const packet = Buffer.concat([encodeUwsgiPacket(111, 17, variables), Buffer.from(body)]);
    const given = await exchangeBytes(socketPort, packet);
    assert.equal(given.toString('latin1'), answer, variables.join(' '));
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

test(
  'nginx answers from the cache, and asks the app for what is not there',
  skipFor(needs('nginx'), oursOnly),
  async (t) => {
    await using rig = Rig.open(t);
    rig.write('site/whole', 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nfrom the cache');
    const { socketPort, port } = await startCaching(rig, [
      'cache2 = name=pages,items=100',
      'load-file-in-cache = whole',
    ]);
    assert.deepEqual(await evaluate(port, "uwsgi.cache_set('/cached', uwsgi.cache_get('whole'))"), ['True']);
    const { port: front } = await startNginxWith(
      rig,
      `location / {
       uwsgi_pass 127.0.0.1:${socketPort};
       uwsgi_modifier1 111;
       uwsgi_modifier2 3;
       uwsgi_param key $request_uri;
       uwsgi_pass_request_headers off;
       error_page 502 504 = @real;
     }
     location @real {
       uwsgi_pass 127.0.0.1:${socketPort};
       include /etc/nginx/uwsgi_params;
     }`,
    );
    assert.equal((await ask(front, 'GET /cached')).body.toString(), 'from the cache');
    assert.equal((await ask(front, 'POST /other', {}, '1 + 1')).body.toString(), '2');
  },
);
