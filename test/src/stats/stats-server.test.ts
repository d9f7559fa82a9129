import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

import { ask, exchangeBytes, request } from '../rig/http-client.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, realUwsgiEnvironment } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { missingParts } from '../run/parts.ts';

const APP = `
import time

def application(environ, start_response):
    if environ['PATH_INFO'] == '/slow':
        open('running', 'w').close()
        time.sleep(1.5)
    if environ['PATH_INFO'] == '/raises':
        raise RuntimeError
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'done']
`;

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Document = Record<string, Json> & { readonly workers: readonly Record<string, Json>[] };

interface Watched {
  readonly program: Program;
  readonly port: number;
  readonly read: () => Promise<Document>;
}

/** Starts a server over the same app, with statistics: ours, or the real uWSGI. */
async function start(rig: Rig, lines: readonly string[], command?: readonly string[]): Promise<Watched> {
  const directory = command === undefined ? 'ours' : 'theirs';
  const [port, statsPort] = [await rig.port(), await rig.port()];
  rig.write(`${directory}/app.py`, APP);
  rig.write(`${directory}/file.txt`, 'a file');
  const head = ['[uwsgi]', 'master = true', `http-socket = 127.0.0.1:${port}`, 'module = app'];
  const tail = ['processes = 2', `stats = 127.0.0.1:${statsPort}`, 'check-static = .'];
  rig.write(`${directory}/uwsgi.ini`, [...head, ...tail, ...lines, ''].join('\n'));
  const options = { workingDirectory: directory };
  const program =
    command === undefined
      ? await rig.vassal(['uwsgi.ini'], options)
      : await rig.start([...command, 'uwsgi.ini'], { ...options, environment: realUwsgiEnvironment });
  await program.waitForLog(/^\*\*\* Stats server enabled on 127\.0\.0\.1:\d+ fd: \d+ \*\*\*$/);
  const read = async (): Promise<Document> => JSON.parse(await text(connect(statsPort, '127.0.0.1'))) as Document;
  return { program, port, read };
}

/** The same requests to each: one is still running when the statistics are read. */
async function exercise({ port, read }: Watched, rig: Rig, directory: string): Promise<Document> {
  // uWSGI closes without an answer where the app raises.
  for (const path of ['/', '/', '/raises', '/file.txt']) await exchangeBytes(port, request(`GET ${path}`));
  const slow = ask(port, 'GET /slow?a=b');
  await until('the slow one runs', () => {
    try {
      return readFileSync(rig.path(directory, 'running')).length === 0;
    } catch {
      return false;
    }
  });
  const document = await read();
  await slow;
  return document;
}

/** The keys and types of a document: what a tool that reads it relies on. Lists are taken by their first element with most to tell. */
function shape(value: Json): unknown {
  if (Array.isArray(value)) {
    const shapes = value.map(shape).toSorted((a, b) => JSON.stringify(b).length - JSON.stringify(a).length);
    return shapes.slice(0, 1);
  }
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
}

function sum(document: Document, key: string): number {
  return document.workers.reduce((total, worker) => total + Number(worker[key]), 0);
}

function sumOfCores(document: Document, key: string): number {
  const cores = document.workers.flatMap((worker) => worker['cores'] as readonly Record<string, Json>[]);
  return cores.reduce((total, core) => total + Number(core[key]), 0);
}

interface Worker {
  readonly status: string;
  readonly cores: readonly { readonly in_request: number; readonly vars: readonly string[] }[];
}

/** What is the same in any server that has had these requests. */
function determined(document: Document): unknown {
  const workers = document.workers as unknown as readonly Worker[];
  const running = workers.flatMap(({ cores }) => cores.filter((core) => core.in_request === 1));
  return {
    requests: sum(document, 'requests'),
    exceptions: sum(document, 'exceptions'),
    respawns: sum(document, 'respawn_count'),
    static: sumOfCores(document, 'static_requests'),
    routed: sumOfCores(document, 'routed_requests'),
    inRequest: sumOfCores(document, 'in_request'),
    statuses: workers.map(({ status }) => status).toSorted((a, b) => a.localeCompare(b)),
    variables: new Set(
      running.flatMap(({ vars }) => vars.filter((variable) => /^(?:REQUEST_|PATH_|QUERY)/.test(variable))),
    ),
    uid: document['uid'],
    listenQueue: document['listen_queue'],
    locks: document['locks'],
  };
}

test(
  'stats has the keys, the types and the figures of the real uWSGI after the same requests',
  { skip: oursOnly.skip || (missingParts(['uwsgi']).length > 0 && 'uWSGI is missing') },
  async (t) => {
    await using rig = Rig.open(t);
    const lines = ['enable-metrics = true', 'metric = mine', 'memory-report = true'];
    const [ours, theirs] = await Promise.all([start(rig, lines), start(rig, lines, ['uwsgi'])]);
    const [here, there] = await Promise.all([exercise(ours, rig, 'ours'), exercise(theirs, rig, 'theirs')]);
    const { emperor: _ours, ...same } = shape(here) as Record<string, unknown>;
    assert.deepEqual(same, shape(there));
    assert.deepEqual(Object.keys(same), Object.keys(there));
    assert.deepEqual(Object.keys(here.workers[0] ?? {}), Object.keys(there.workers[0] ?? {}));
    assert.deepEqual(determined(here), determined(there));
  },
);

test('stats-no-cores, stats-no-metrics, stats-http and stats-minified change the document as they say', async (t) => {
  await using rig = Rig.open(t);
  const [port, statsPort] = [await rig.port(), await rig.port()];
  rig.write('app.py', APP);
  const flags = ['enable-metrics', 'stats-no-cores', 'stats-no-metrics', 'stats-http', 'stats-minified'];
  const lines = flags.map((flag) => `${flag} = true`);
  rig.write(
    'uwsgi.ini',
    ['[uwsgi]', `http-socket = 127.0.0.1:${port}`, `stats = :${statsPort}`, ...lines, ''].join('\n'),
  );
  const vassal = await rig.vassal(['uwsgi.ini', '--master', '--module', 'app']);
  await vassal.waitForLog(/^\*\*\* Stats server enabled on /);
  const { headers, body } = await ask(statsPort, 'GET /');
  assert.deepEqual(
    headers.filter(([name]) => name !== 'Content-Length'),
    [
      ['Connection', 'close'],
      ['Access-Control-Allow-Origin', '*'],
      ['Content-Type', 'application/json'],
    ],
  );
  const document = JSON.parse(body.toString()) as Document;
  assert.ok(!body.includes('\n') && !('metrics' in document));
  assert.ok(document.workers.length > 0 && document.workers.every((worker) => !('cores' in worker)));
});

const METRICS_APP = `
import uwsgi

def application(environ, start_response):
    start_response('200 OK', [])
    uwsgi.metric_inc('mine', 10)
    uwsgi.metric_mul('mine', 2)
    uwsgi.metric_dec('mine')
    uwsgi.metric_set_max('mine', 5)
    answers = uwsgi.metric_get('mine'), uwsgi.metric_get('both'), uwsgi.metric_get('nosuch')
    return [repr(answers + (uwsgi.metric_inc('worker.1.requests'), uwsgi.metric_set('mine', 3))).encode()]
`;

test('metric declares metrics that the app changes, that others are made of, and that metrics-dir keeps over a restart', async (t) => {
  await using rig = Rig.open(t);
  const port = await rig.port();
  rig.write('app.py', METRICS_APP);
  rig.write('number', '40\n');
  const metrics = [
    'mine',
    'name=read,type=gauge,collector=file,arg1=number',
    'name=both,collector=sum,children=mine;read',
  ];
  const lines = [
    ...metrics.map((metric) => `metric = ${metric}`),
    'metrics-dir = metrics',
    'metrics-dir-restore = true',
  ];
  rig.write('metrics/mine', '7\n');
  rig.write('uwsgi.ini', ['[uwsgi]', `http-socket = 127.0.0.1:${port}`, 'module = app', ...lines, ''].join('\n'));
  const vassal = await rig.vassal(['uwsgi.ini', '--master']);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  // 7 + 10, twice, less 1.
  assert.equal((await ask(port, 'GET /')).body.toString(), '(33, 73, 0, None, True)');
  await until('the file follows', () => Number.parseInt(readFileSync(rig.path('metrics', 'mine'), 'latin1'), 10) === 3);
  assert.equal(Number.parseInt(readFileSync(rig.path('metrics', 'worker.1.requests'), 'latin1'), 10), 1);
});
