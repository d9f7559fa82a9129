import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { text as readAll } from 'node:stream/consumers';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { until } from '../rig/until.ts';
import { needs } from '../run/parts.ts';
import { startSite } from './site.ts';

const VASSAL = 'project/uwsgi.ini';

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

test('the metrics count what a site serves, and how long it takes', async (t) => {
  await using rig = Rig.open(t);
  const { port, metricsUrl } = await startSite(rig);
  const before =
    value(await metricsAt(`${metricsUrl}/metrics`), `emperor_vassal_requests_total{vassal="${VASSAL}"}`) ?? 0;
  for (let count = 0; count < 5; count++) await ask(port, 'GET /');
  await ask(port, 'GET /base.css');
  const metrics = await metricsAt(`${metricsUrl}/metrics`);
  const labels = `vassal="${VASSAL}"`;
  assert.equal(value(metrics, `emperor_vassal_requests_total{${labels}}`), before + 6);
  assert.equal(value(metrics, `emperor_vassal_responses_total{${labels},code="2xx"}`), before + 6);
  assert.equal(value(metrics, `emperor_vassal_request_duration_seconds_count{${labels}}`), before + 6);
  assert.equal(value(metrics, `emperor_vassal_request_duration_seconds_bucket{le="+Inf",${labels}}`), before + 6);
  assert.equal(value(metrics, `emperor_vassal_up{${labels}}`), 1);
  assert.equal(value(metrics, `emperor_vassal_state{${labels},state="loyal"}`), 1);
  assert.equal(value(metrics, `emperor_vassal_workers_maximum{${labels}}`), 2);
  const memory = value(metrics, `emperor_vassal_private_memory_bytes{${labels}}`) ?? 0;
  assert.ok(memory > 5e6 && memory < 200e6, `${memory} bytes`);
  assert.equal((await fetch(`${metricsUrl}/readyz`)).status, 200);
});

test('promtool finds nothing wrong with the metrics', needs('prometheus'), async (t) => {
  await using rig = Rig.open(t);
  const { metricsUrl } = await startSite(rig);
  await check(await metricsAt(`${metricsUrl}/metrics`));
  await check(await metricsAt(`${metricsUrl}/metrics/uwsgi`));
});

test('the metrics under the names of uwsgi_exporter agree with the stats of the same moment', async (t) => {
  await using rig = Rig.open(t);
  const { port, statsPort, metricsUrl } = await startSite(rig);
  for (let count = 0; count < 20; count++) await ask(port, 'GET /');
  const stats = JSON.parse(await readAll(connect(statsPort, '127.0.0.1'))) as {
    listen_queue: number;
    workers: { id: number; requests: number; exceptions: number; rss: number; apps: { requests: number }[] }[];
  };
  const metrics = await metricsAt(`${metricsUrl}/metrics/uwsgi`);
  const labels = `stats_uri="${VASSAL}"`;
  assert.equal(value(metrics, `uwsgi_up{${labels}}`), 1);
  assert.equal(value(metrics, `uwsgi_listen_queue_length{${labels}}`), stats.listen_queue);
  assert.equal(value(metrics, `uwsgi_workers{${labels}}`), stats.workers.length);
  for (const { id, requests, exceptions, apps } of stats.workers) {
    const own = `${labels},worker_id="${id}"`;
    assert.equal(value(metrics, `uwsgi_worker_requests_total{${own}}`), requests);
    assert.equal(value(metrics, `uwsgi_worker_exceptions_total{${own}}`), exceptions);
    assert.equal(value(metrics, `uwsgi_worker_apps{${own}}`), apps.length);
  }
  const requests = stats.workers.reduce((sum, worker) => sum + worker.requests, 0);
  assert.ok(requests >= 20, `${requests} requests`);
});

test('a real Prometheus scrapes the emperor, and its queries give what was served', needs('prometheus'), async (t) => {
  await using rig = Rig.open(t);
  const { port, metricsUrl } = await startSite(rig);
  for (let count = 0; count < 7; count++) await ask(port, 'GET /');
  const served = value(await metricsAt(`${metricsUrl}/metrics`), `emperor_vassal_requests_total{vassal="${VASSAL}"}`);
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
    async () => (await query(`emperor_vassal_requests_total{vassal="${VASSAL}"}`)) === String(served),
  );
  assert.equal(await query('sum(emperor_vassals{state="loyal"})'), '1');
  assert.equal(await query('up{job="emperor"}'), '1');
});
