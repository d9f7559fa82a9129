import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { test } from 'node:test';
import { text as readAll } from 'node:stream/consumers';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { until } from '../rig/until.ts';
import { needs } from '../run/parts.ts';
import { startSite } from './site.ts';

const VASSAL = 'project/uwsgi.ini';

/** It writes to the disk before it begins, and then scrapes every second. */
const PROMETHEUS_PATIENCE_MS = 45_000;

async function metricsAt(url: string): Promise<string> {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  return response.text();
}

function value(text: string, metric: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${metric} `));
  return line === undefined ? undefined : Number(line.slice(metric.length));
}

async function check(metrics: string): Promise<void> {
  const promtool = spawn('promtool', ['check', 'metrics']);
  promtool.stdin.end(metrics);
  const [complaint, [code]] = await Promise.all([
    readAll(promtool.stderr),
    once(promtool, 'close') as Promise<[number]>,
  ]);
  assert.deepEqual([code, complaint], [0, '']);
}

/** The metrics once a site has answered so many requests: the last is counted a moment after its answer. */
function metricsAfter(url: string, requests: number): Promise<string> {
  return until(`${requests} requests are counted`, async () => {
    const metrics = await metricsAt(`${url}/metrics`);
    return value(metrics, `emperor_vassal_requests_total{vassal="${VASSAL}"}`) === requests && metrics;
  });
}

test('the metrics count what a site serves, and how long it takes', async (t) => {
  await using rig = Rig.open(t);
  const { port, metricsUrl } = await startSite(rig);
  for (let count = 0; count < 5; count++) await ask(port, 'GET /');
  await ask(port, 'GET /base.css');
  // Beside them that of the start.
  const requests = 7;
  const metrics = await metricsAfter(metricsUrl, requests);
  const labels = `vassal="${VASSAL}"`;
  assert.equal(value(metrics, `emperor_vassal_responses_total{${labels},code="2xx"}`), requests);
  assert.equal(value(metrics, `emperor_vassal_request_duration_seconds_count{${labels}}`), requests);
  assert.equal(value(metrics, `emperor_vassal_request_duration_seconds_bucket{le="+Inf",${labels}}`), requests);
  assert.equal(value(metrics, `emperor_vassal_up{${labels}}`), 1);
  assert.equal(value(metrics, `emperor_vassal_workers_maximum{${labels}}`), 2);
  assert.equal(value(metrics, `emperor_vassal_config_problems{${labels}}`), 0);
  assert.equal(
    value(metrics, `emperor_vassal_process_memory_limit_bytes{${labels},option="reload-on-rss"}`),
    512 * 2 ** 20,
  );
  const memory = value(metrics, `emperor_vassal_private_memory_bytes{${labels}}`) ?? 0;
  assert.ok(memory > 5e6 && memory < 200e6, `${memory} bytes`);
  await until('the emperor knows that it is loyal', async () => {
    const now = await metricsAt(`${metricsUrl}/metrics`);
    return value(now, `emperor_vassal_state{${labels},state="loyal"}`) === 1;
  });
  assert.equal((await fetch(`${metricsUrl}/readyz`)).status, 200);
});

test('the metrics tell what a reload came to, and what is wrong with a configuration', async (t) => {
  await using rig = Rig.open(t);
  const { emperor, metricsUrl } = await startSite(rig);
  const labels = `vassal="${VASSAL}"`;
  const ini = readFileSync(rig.path('project/uwsgi.ini'), 'utf8');
  rig.write('project/uwsgi.ini', `${ini}proceses = 4\n`);
  await emperor.waitForLog(/"event":"vassal-reloaded".*"isDone":true.*"reason":"edit of its file".*"failed":0/);
  const metrics = await until('the reload is told', async () => {
    const text = await metricsAt(`${metricsUrl}/metrics`);
    return value(text, `emperor_vassal_last_reload_success{${labels}}`) === 1 && text;
  });
  assert.equal(value(metrics, `emperor_vassal_last_reload_failed_requests{${labels}}`), 0);
  assert.equal(value(metrics, `emperor_vassal_config_problems{${labels}}`), 1);
  rig.write('project/uwsgi.ini', `${ini}processes = four\n`);
  await until('the refusal is told', async () => {
    const text = await metricsAt(`${metricsUrl}/metrics`);
    return value(text, `emperor_vassal_last_reload_success{${labels}}`) === 0;
  });
});

test('promtool finds nothing wrong with the metrics', needs('prometheus'), async (t) => {
  await using rig = Rig.open(t);
  const { metricsUrl } = await startSite(rig);
  await check(await metricsAt(`${metricsUrl}/metrics`));
  await check(await metricsAt(`${metricsUrl}/metrics/uwsgi`));
});

/** Of a worker in the statistics, and of a core: the fields whose values stay when nothing is asked. */
const WORKER_FIELDS = {
  requests_total: 'requests',
  exceptions_total: 'exceptions',
  delta_requests: 'delta_requests',
  harakiri_count_total: 'harakiri_count',
  signals_total: 'signals',
  respawn_count_total: 'respawn_count',
  transmitted_bytes_total: 'tx',
  last_spawn_time_seconds: 'last_spawn',
  accepting: 'accepting',
} as const;
const CORE_FIELDS = {
  requests_total: 'requests',
  static_requests_total: 'static_requests',
  routed_requests_total: 'routed_requests',
  write_errors_total: 'write_errors',
} as const;
const MICROSECONDS = 1e6;

interface Counted {
  readonly id: number;
  readonly [field: string]: unknown;
}
interface StatsWorker extends Counted {
  readonly requests: number;
  readonly running_time: number;
  readonly avg_rt: number;
  readonly apps: readonly Counted[];
  readonly cores: readonly Counted[];
}
interface Stats {
  readonly listen_queue: number;
  readonly workers: readonly StatsWorker[];
}

function same(metrics: string, prefix: string, labels: string, fields: object, counted: Counted): void {
  for (const [metric, field] of Object.entries(fields)) {
    assert.equal(value(metrics, `${prefix}_${metric}{${labels}}`), counted[String(field)], metric);
  }
}

test('the metrics under the names of uwsgi_exporter agree with the stats of the same moment', async (t) => {
  await using rig = Rig.open(t);
  const { port, statsPort, metricsUrl } = await startSite(rig);
  for (let count = 0; count < 20; count++) await ask(port, 'GET /');
  const stats = await until('all requests are counted', async () => {
    const document = JSON.parse(await readAll(connect(statsPort, '127.0.0.1'))) as Stats;
    return document.workers.reduce((sum, worker) => sum + worker.requests, 0) === 21 && document;
  });
  const labels = `stats_uri="${VASSAL}"`;
  const metrics = await until('the vassal answers', async () => {
    const text = await metricsAt(`${metricsUrl}/metrics/uwsgi`);
    return value(text, `uwsgi_up{${labels}}`) === 1 && text;
  });
  assert.equal(value(metrics, `uwsgi_listen_queue_length{${labels}}`), stats.listen_queue);
  assert.equal(value(metrics, `uwsgi_workers{${labels}}`), stats.workers.length);
  for (const worker of stats.workers) {
    const own = `${labels},worker_id="${worker.id}"`;
    same(metrics, 'uwsgi_worker', own, WORKER_FIELDS, worker);
    assert.equal(value(metrics, `uwsgi_worker_running_time_seconds{${own}}`), worker.running_time / MICROSECONDS);
    assert.equal(value(metrics, `uwsgi_worker_average_response_time_seconds{${own}}`), worker.avg_rt / MICROSECONDS);
    assert.equal(value(metrics, `uwsgi_worker_apps{${own}}`), worker.apps.length);
    assert.equal(value(metrics, `uwsgi_worker_cores{${own}}`), worker.cores.length);
    for (const core of worker.cores) {
      same(metrics, 'uwsgi_worker_core', `${own},core_id="${core.id}"`, CORE_FIELDS, core);
    }
  }
});

test('a real Prometheus scrapes the emperor, and its queries give what was served', needs('prometheus'), async (t) => {
  await using rig = Rig.open(t);
  const { port, metricsUrl } = await startSite(rig);
  for (let count = 0; count < 7; count++) await ask(port, 'GET /');
  const requests = `emperor_vassal_requests_total{vassal="${VASSAL}"}`;
  // The last one is counted a moment after its answer.
  const served = async (): Promise<number | undefined> => value(await metricsAt(`${metricsUrl}/metrics`), requests);
  rig.write(
    'prometheus.yml',
    `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: emperor
    static_configs: [{ targets: ['${new URL(metricsUrl).host}'] }]
`,
  );
  const prometheusPort = await rig.port();
  await rig.start([
    'prometheus',
    '--config.file=prometheus.yml',
    `--storage.tsdb.path=${rig.path('tsdb')}`,
    `--web.listen-address=127.0.0.1:${prometheusPort}`,
  ]);
  const query = async (expression: string): Promise<string | undefined> => {
    const url = `http://127.0.0.1:${prometheusPort}/api/v1/query?query=${encodeURIComponent(expression)}`;
    // While it starts it is not there, or says so in plain text.
    const answer = await fetch(url)
      .then((response) => response.json() as Promise<{ data?: { result: { value: [number, string] }[] } }>)
      .catch(() => undefined);
    return answer?.data?.result[0]?.value[1];
  };
  await until(
    'Prometheus knows the requests',
    async () => (await query(requests)) === String(await served()),
    PROMETHEUS_PATIENCE_MS,
  );
  assert.equal(await query('sum(emperor_vassals{state="loyal"})'), '1');
  assert.equal(await query('up{job="emperor"}'), '1');
});
