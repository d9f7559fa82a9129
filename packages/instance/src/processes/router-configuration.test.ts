import assert from 'node:assert/strict';
import test from 'node:test';

import { type Config, loadConfig } from '@emperor/config';

import { requestedSockets } from '../listeners.ts';
import { routerConfiguration } from './router-configuration.ts';

function load(...argv: string[]): Config {
  const { config } = loadConfig({ argv, environment: {}, workingDirectory: '/srv', scope: 'vassal' });
  assert.ok(config !== undefined);
  return config;
}

test('routerConfiguration says the same about requests, and nothing about the process', async () => {
  const config = load(
    '--http=:80',
    '--http-to=127.0.0.1:1',
    '--route=^/a%20b break:403',
    '--http-keepalive=1',
    '--pidfile=x',
    '--master-fifo=y',
    '--stats=:1',
    '--http-stats=:2',
    '--http-processes=4',
    '--subscribe-to=127.0.0.1:1:x',
    '--touch-reload=/z',
    '--logto=l',
    '--add-header=A: b',
  );
  const [request] = await requestedSockets(config, '/srv');
  assert.ok(request !== undefined);
  assert.deepEqual(routerConfiguration(config, [{ request, descriptor: 3 }]).split('\n'), [
    '[uwsgi]',
    'master = true',
    'processes = 0',
    'http = fd://3',
    'http-to = 127.0.0.1:1',
    'route = ^/a%%20b break:403',
    'http-keepalive = 1',
    'add-header = A: b',
    '',
  ]);
});

test('routerConfiguration names certificates by their full paths', async () => {
  const config = load('--https', ':443,a.crt,a.key,HIGH,!ca.crt', '--http-to-https', ':80', '--http-to', '127.0.0.1:1');
  const requests = await requestedSockets(config, '/srv');
  const lines = routerConfiguration(
    config,
    requests.map((request, index) => ({ request, descriptor: 3 + index })),
  ).split('\n');
  assert.deepEqual(
    lines.filter((line) => line.includes('fd://')),
    ['https = fd://3,/srv/a.crt,/srv/a.key,HIGH,!/srv/ca.crt', 'http-to-https = fd://4'],
  );
});
