import assert from 'node:assert/strict';
import test from 'node:test';

import { parseBackend } from './backend.ts';
import { ConfigError } from './config-error.ts';

test('parseBackend takes an address for a server that speaks uwsgi', () => {
  assert.deepEqual(parseBackend('127.0.0.1:8001'), {
    protocol: 'uwsgi',
    address: { kind: 'tcp', host: '127.0.0.1', port: 8001 },
  });
  assert.deepEqual(parseBackend('/run/app.sock'), {
    protocol: 'uwsgi',
    address: { kind: 'unix', path: '/run/app.sock' },
  });
});

test('parseBackend takes a URL for a server that speaks HTTP', () => {
  const tcp = (host: string, port: number): unknown => ({ protocol: 'http', address: { kind: 'tcp', host, port } });
  assert.deepEqual(parseBackend('http://example.com:8080'), tcp('example.com', 8080));
  assert.deepEqual(parseBackend('http://example.com/'), tcp('example.com', 80));
  assert.deepEqual(parseBackend('http://[::1]'), tcp('::1', 80));
  assert.deepEqual(parseBackend('http://unix:/run/app.sock'), {
    protocol: 'http',
    address: { kind: 'unix', path: '/run/app.sock' },
  });
});

test('parseBackend refuses what is no address of a server', () => {
  for (const text of ['', 'http://', 'http://a/b', '=0', 'fd://3', '0', 'https://example.com:x'])
    assert.throws(() => parseBackend(text), ConfigError, text);
});
