import assert from 'node:assert/strict';
import test from 'node:test';

import * as fc from 'fast-check';

import { ConfigError } from './config-error.ts';
import { parseSubscribe2, parseSubscribeTo } from './subscription.ts';

const tcp = (host: string, port: number): object => ({ kind: 'tcp', host, port });

test('parseSubscribeTo reads a server, a host and the modifier', () => {
  for (const [text, server, key, modifier1] of [
    ['127.0.0.1:4000:a.org', tcp('127.0.0.1', 4000), 'a.org', 0],
    ['router.example:4000:a.org:8000', tcp('router.example', 4000), 'a.org:8000', 0],
    ['[::1]:4000:a.org,5', tcp('::1', 4000), 'a.org', 5],
    [':4000:@/etc/hosts.txt', tcp('', 4000), '@/etc/hosts.txt', 0],
    ['/run/router.sock:a.org', { kind: 'unix', path: '/run/router.sock' }, 'a.org', 0],
  ] as const) {
    const found = parseSubscribeTo(text);
    assert.deepEqual([found.server, found.key, found.modifier1], [server, key, modifier1], text);
  }
  assert.deepEqual(parseSubscribeTo('h:1:a.org,0,SHA1:key.pem').ignored, ['sign']);
});

test('parseSubscribe2 reads keys and values', () => {
  const text =
    'server=h:1,key=a.org,socket=1,addr=10.0.0.1:3,weight=7,modifier1=9,modifier2=2,proto=http,check=/x,algo=lrc';
  assert.deepEqual(parseSubscribe2(text), {
    server: tcp('h', 1),
    key: 'a.org',
    modifier1: 9,
    modifier2: 2,
    address: '10.0.0.1:3',
    socket: 1,
    weight: 7,
    protocol: 'http',
    unlessFile: '/x',
    ignored: ['algo'],
  });
});

test('what is no subscription is refused with the form that is expected', () => {
  for (const text of [
    '',
    'nonsense',
    '127.0.0.1:4000',
    '127.0.0.1:4000:',
    '/run/x.sock',
    'h:1:a.org,x',
    'h:1:a.org,256',
    'h:1:@',
  ])
    assert.throws(() => parseSubscribeTo(text), ConfigError, text);
  for (const text of [
    'server=h:1',
    'key=a',
    'server=h:1,key=a,wieght=3',
    'server=h:1,key=a,weight=x',
    'server=fd://3,key=a',
    'x',
  ])
    assert.throws(() => parseSubscribe2(text), ConfigError, text);
});

test('a host that no router would take is refused', () => {
  assert.throws(() => parseSubscribeTo(`h:1:${'x'.repeat(256)}`), ConfigError);
  assert.equal(parseSubscribeTo(`h:1:${'x'.repeat(255)}`).key.length, 255);
});

test('the parsers of subscriptions throw nothing but ConfigError', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const parse of [parseSubscribeTo, parseSubscribe2]) {
        try {
          parse(text);
        } catch (error) {
          assert.ok(error instanceof ConfigError);
        }
      }
    }),
  );
});
