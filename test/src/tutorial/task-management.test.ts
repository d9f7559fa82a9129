import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { layOutProject, listing, styleSheet, welcomePage } from './project.ts';

const loggers = 'req-logger = file:logs/request.log\nlogger = file:logs/uwsgi.log\n';

/** The last layout of the tutorial: `http/` and `project/`, each with its `logs/` and its `uwsgi.ini`. */
async function layOutSites(rig: Rig): Promise<number> {
  layOutProject(rig, 'www/project');
  const ports = { 8000: await rig.port(), 8001: await rig.port() };
  for (const site of ['http', 'project']) mkdirSync(rig.path('www', site, 'logs'), { recursive: true });
  const app = listing('reliability-app', ports).replace('master = true\n', 'master = true\nchdir = %d\n');
  rig.write('www/project/uwsgi.ini', `${app}${loggers}`);
  rig.write('www/http/uwsgi.ini', listing('logging-http', ports));
  return ports[8000];
}

async function startSites(rig: Rig, more: readonly string[] = []): Promise<{ emperor: Program; port: number }> {
  const port = await layOutSites(rig);
  const emperor = await rig.emperor(rig.path('www/*/uwsgi.ini'), more);
  // The real router holds a backend that is not there yet for dead, for 30 seconds: the app first.
  const log = rig.path('www/project/logs/uwsgi.log');
  await until('the app runs', () => existsSync(log) && readFileSync(log, 'utf8').includes('spawned uWSGI worker 1'));
  await untilServed(port);
  return { emperor, port };
}

async function untilServed(port: number): Promise<void> {
  await until('the page is served', async () => (await ask(port, 'GET /').catch(() => undefined))?.status === 200);
}

test('an emperor over /srv/www/*/uwsgi.ini runs the router and the app, each in its own directory', async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startSites(rig);
  assert.deepEqual((await ask(port, 'GET /')).body, welcomePage);
  assert.deepEqual((await ask(port, 'GET /base.css')).body, styleSheet);
  const log = (path: string): string => readFileSync(rig.path('www', path), 'utf8');
  await until('the requests are logged', () =>
    log('project/logs/request.log').includes('GET /base.css => generated 78 bytes'),
  );
  assert.match(log('project/logs/uwsgi.log'), /^spawned uWSGI worker 1 \(pid: \d+, cores: 2\)$/m);
  assert.match(log('http/logs/uwsgi.log'), /^spawned uWSGI http 1 \(pid: \d+\)$/m);
});

test('an emperor finds a site that is added, and ends one that is taken away', async (t) => {
  await using rig = Rig.open(t);
  const { port, emperor } = await startSites(rig);
  layOutProject(rig, 'www/second');
  const secondPort = await rig.port();
  const second = listing('scaling-http', { 8000: secondPort }).replace(
    'master = true\n',
    'master = true\nchdir = %d\n',
  );
  rig.write('www/second/new.ini', second);
  renameSync(rig.path('www/second/new.ini'), rig.path('www/second/uwsgi.ini'));
  await untilServed(secondPort);
  await emperor.waitForLog(/\[emperor\] vassal .*www\/second\/uwsgi\.ini has been spawned/);

  rmSync(rig.path('www/second'), { recursive: true });
  await until('the second site is gone', () =>
    ask(secondPort, 'GET /').then(
      () => false,
      () => true,
    ),
  );
  assert.deepEqual((await ask(port, 'GET /')).body, welcomePage);
});

test('an emperor finds a new file in less than half a second', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { emperor } = await startSites(rig);
  const known = new Set(emperor.tree().map((entry) => entry.pid));
  mkdirSync(rig.path('www/later'));
  rig.write('www/later/uwsgi.ini', `[uwsgi]\nhttp = 127.0.0.1:${await rig.port()}\nprocesses = 0\n`);
  const droppedAt = performance.now();
  await until('the new vassal runs', () => emperor.tree().some((entry) => !known.has(entry.pid)));
  const tookMs = performance.now() - droppedAt;
  assert.ok(tookMs < 500, `${tookMs} ms`);
});

test('a site with a broken config leaves the others alone, and runs once it is mended', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port, emperor } = await startSites(rig);
  layOutProject(rig, 'www/broken');
  const brokenPort = await rig.port();
  const ini = listing('scaling-http', { 8000: brokenPort }).replace('master = true\n', 'master = true\nchdir = %d\n');
  rig.write('www/broken/uwsgi.ini', ini.replace('cheaper = 1', 'cheeper = 1'));
  await emperor.waitForLog(/cheeper/);
  assert.deepEqual((await ask(port, 'GET /')).body, welcomePage);
  rig.write('www/broken/uwsgi.ini', ini);
  await untilServed(brokenPort);
});

test('emperor --metrics tells Prometheus how each vassal feels', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const metricsPort = await rig.port();
  const { port } = await startSites(rig, ['--metrics', `127.0.0.1:${metricsPort}`]);
  for (let count = 0; count < 5; count++) await ask(port, 'GET /');
  const answer = await ask(metricsPort, 'GET /metrics');
  assert.equal(answer.status, 200);
  const text = answer.body.toString();
  for (const site of ['project', 'http']) {
    assert.match(text, new RegExp(`^emperor_vassal_up\\{[^}]*${site}[^}]*\\} 1$`, 'm'));
  }
});

test('SIGTERM ends an emperor and all below it in order', async (t) => {
  await using rig = Rig.open(t);
  const { emperor } = await startSites(rig);
  assert.deepEqual(await emperor.stop('SIGTERM'), { code: 0, signal: null });
  assert.deepEqual(rig.processes(), []);
});
