import assert from 'node:assert/strict';
import { test } from 'node:test';

import { UwsgiMetrics } from './uwsgi-metrics.ts';

const STATISTICS = {
  listen_queue: 3,
  listen_queue_errors: 0,
  signal_queue: 0,
  sockets: [
    { name: '127.0.0.1:8000', proto: 'http', queue: 1, max_queue: 100, shared: 0, can_offload: 1 },
    { name: '127.0.0.1:8000', proto: 'http', queue: 9, max_queue: 9, shared: 0, can_offload: 0 },
  ],
  workers: [
    {
      id: 1,
      accepting: 1,
      requests: 7,
      exceptions: 2,
      status: 'busy',
      rss: 1024,
      running_time: 2_500_000,
      avg_rt: 1500,
      apps: [{ id: 0, mountpoint: '', chdir: '', startup_time: 1, requests: 7, exceptions: 2 }],
      cores: [{ id: 0, requests: 7, in_request: 1 }],
    },
    { id: 0 },
  ],
  caches: [{ name: 'default', hits: 5, miss: 1, full: 0, items: 2, max_items: 10 }],
};

test('UwsgiMetrics has the names, labels and values of uwsgi_exporter', async () => {
  const text = await new UwsgiMetrics().render([
    { vassal: 'a.ini', statistics: STATISTICS },
    { vassal: 'b.ini', statistics: undefined },
  ]);
  const a = 'stats_uri="a.ini"';
  for (const line of [
    `uwsgi_up{${a}} 1`,
    'uwsgi_up{stats_uri="b.ini"} 0',
    `uwsgi_listen_queue_length{${a}} 3`,
    `uwsgi_workers{${a}} 1`,
    `uwsgi_socket_queue_length{${a},name="127.0.0.1:8000",proto="http"} 1`,
    `uwsgi_worker_requests_total{${a},worker_id="1"} 7`,
    `uwsgi_worker_running_time_seconds{${a},worker_id="1"} 2.5`,
    `uwsgi_worker_average_response_time_seconds{${a},worker_id="1"} 0.0015`,
    `uwsgi_worker_busy{${a},worker_id="1"} 1`,
    `uwsgi_worker_idle{${a},worker_id="1"} 0`,
    `uwsgi_worker_apps{${a},worker_id="1"} 1`,
    `uwsgi_worker_app_startup_time_seconds{${a},worker_id="1",app_id="0",mountpoint="",chdir=""} 1`,
    `uwsgi_worker_core_busy{${a},worker_id="1",core_id="0"} 1`,
    `uwsgi_cache_misses{${a},name="default"} 1`,
  ]) {
    assert.ok(text.split('\n').includes(line), line);
  }
  assert.doesNotMatch(text, /socket_queue_length\{.*\} 9/);
});
