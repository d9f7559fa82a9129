import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { ask, exchangeBytes, request } from '../rig/http-client.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { requestLine, workerSpawned } from './expect.ts';
import { layOutProject, listing } from './project.ts';

/** Waits until a file has a line, and returns all its lines. */
async function linesWith(path: string, pattern: RegExp): Promise<string[]> {
  const lines = (): string[] => (existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []);
  await until(`${path} has ${String(pattern)}`, () => lines().some((line) => pattern.test(line)));
  return lines();
}

/** The app's instance of the tutorial with what the section adds, in a directory that is not the one it is started from. */
async function startLogging(rig: Rig, addition: string, app?: string): Promise<{ vassal: Program; port: number }> {
  layOutProject(rig, 'project');
  if (app !== undefined) rig.write('project/code/app.py', app);
  const port = await rig.port();
  const ini = listing('scaling-http-socket', { 8000: port }).replace('master = true\n', 'master = true\nchdir = %d\n');
  rig.write('project/uwsgi.ini', `${ini}${addition}`);
  return { vassal: await rig.vassal(['--ini', 'project/uwsgi.ini']), port };
}

test('chdir = %d makes the directory of the config file the working directory', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startLogging(rig, '');
  await vassal.waitForLog(workerSpawned);
  assert.ok(vassal.log.find(/^chdir\(\) to .*project\/$/), vassal.log.tail());
  assert.equal((await ask(port, 'GET /')).status, 200);
});

test('req-logger and logger send request lines to one file and everything else to another', async (t) => {
  await using rig = Rig.open(t);
  mkdirSync(rig.path('project/logs'), { recursive: true });
  const { port } = await startLogging(rig, 'req-logger = file:logs/request.log\nlogger = file:logs/uwsgi.log\n');
  await linesWith(rig.path('project/logs/uwsgi.log'), workerSpawned);
  await ask(port, 'GET /');
  const line = requestLine({
    request: 'GET /',
    app: 0,
    requests: '1/1',
    generated: 191,
    status: 200,
    headers: '1 headers in 44 bytes',
    switches: 1,
  });
  const requests = await linesWith(rig.path('project/logs/request.log'), line);
  assert.equal(requests.length, 2, 'one line and its end');
  assert.ok(!readFileSync(rig.path('project/logs/uwsgi.log'), 'utf8').includes('GET / =>'));
});

test('logger alone gets request lines too', async (t) => {
  await using rig = Rig.open(t);
  mkdirSync(rig.path('project/logs'), { recursive: true });
  const { port } = await startLogging(rig, 'logger = file:logs/uwsgi.log\n');
  await linesWith(rig.path('project/logs/uwsgi.log'), workerSpawned);
  await ask(port, 'GET /');
  await linesWith(rig.path('project/logs/uwsgi.log'), /GET \/ => generated 191 bytes/);
});

test('a log file is appended to, not overwritten', async (t) => {
  await using rig = Rig.open(t);
  rig.write('project/logs/uwsgi.log', 'yesterday\n');
  await startLogging(rig, 'logger = file:logs/uwsgi.log\n');
  const lines = await linesWith(rig.path('project/logs/uwsgi.log'), workerSpawned);
  assert.equal(lines[0], 'yesterday');
});

test('the traceback of an app goes where the log goes', async (t) => {
  await using rig = Rig.open(t);
  mkdirSync(rig.path('project/logs'), { recursive: true });
  const loggers = 'req-logger = file:logs/request.log\nlogger = file:logs/uwsgi.log\n';
  const { port } = await startLogging(rig, loggers, 'def application(environ, start_response):\n    1 / 0\n');
  await linesWith(rig.path('project/logs/uwsgi.log'), workerSpawned);
  await exchangeBytes(port, request('GET /'));
  await linesWith(rig.path('project/logs/uwsgi.log'), /^ZeroDivisionError: division by zero$/);
  await linesWith(rig.path('project/logs/request.log'), / GET \/ => generated .* \(HTTP\/1\.1 500\) /);
});

test('the listing of http.ini logs into its own directory', async (t) => {
  await using rig = Rig.open(t);
  mkdirSync(rig.path('http/logs'), { recursive: true });
  rig.write('http/uwsgi.ini', listing('logging-http', { 8000: await rig.port(), 8001: await rig.port() }));
  await rig.vassal(['--ini', 'http/uwsgi.ini']);
  await linesWith(rig.path('http/logs/uwsgi.log'), /^spawned uWSGI http 1 \(pid: \d+\)$/);
});

test('a log file in a missing directory gets its directory', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  await startLogging(rig, 'logger = file:no/such/directory/uwsgi.log\n');
  await linesWith(rig.path('project/no/such/directory/uwsgi.log'), workerSpawned);
});
