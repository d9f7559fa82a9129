import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MetricsServer } from './metrics-server.ts';

let isReady = true;

const VIEWS = {
  metricsType: 'text/plain; version=0.0.4; charset=utf-8',
  metrics: () => Promise.resolve('emperor_vassals 0\n'),
  uwsgiMetrics: () => Promise.resolve('uwsgi_up 1\n'),
  status: () => Promise.resolve({ vassals: [] }),
  isReady: () => isReady,
};

test('MetricsServer serves metrics, status and health', async () => {
  const server = await MetricsServer.listen('127.0.0.1', 0, VIEWS);
  const answers = await Promise.all(
    ['/metrics', '/metrics/uwsgi', '/status?x', '/healthz', '/readyz', '/nothing'].map(async (path) => {
      const response = await fetch(server.url + path);
      return [path, response.status, response.headers.get('content-type'), await response.text()];
    }),
  );
  await server.close();
  assert.deepEqual(answers, [
    ['/metrics', 200, VIEWS.metricsType, 'emperor_vassals 0\n'],
    ['/metrics/uwsgi', 200, VIEWS.metricsType, 'uwsgi_up 1\n'],
    ['/status?x', 200, 'application/json', '{\n  "vassals": []\n}\n'],
    ['/healthz', 200, 'text/plain; charset=utf-8', 'ok\n'],
    ['/readyz', 200, 'text/plain; charset=utf-8', 'ok\n'],
    [
      '/nothing',
      404,
      'text/plain; charset=utf-8',
      'there are /metrics, /metrics/uwsgi, /status, /healthz and /readyz here\n',
    ],
  ]);
});

test('MetricsServer is not ready while vassals are being started', async () => {
  const server = await MetricsServer.listen('127.0.0.1', 0, VIEWS);
  isReady = false;
  const { status } = await fetch(`${server.url}/readyz`);
  isReady = true;
  await server.close();
  assert.equal(status, 503);
});

test('MetricsServer only answers GET and HEAD', async () => {
  const server = await MetricsServer.listen('127.0.0.1', 0, VIEWS);
  const response = await fetch(`${server.url}/metrics`, { method: 'POST', body: 'x' });
  await server.close();
  assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD']);
});

test('MetricsServer says which address is taken and how to find out by whom', async () => {
  const server = await MetricsServer.listen('127.0.0.1', 0, VIEWS);
  const port = Number(new URL(server.url).port);
  const sentence = new RegExp(`could not serve metrics at 127\\.0\\.0\\.1:${port}: .*ss -ltnp`);
  await assert.rejects(MetricsServer.listen('127.0.0.1', port, VIEWS), sentence);
  await server.close();
});
