import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test, type TestContext } from 'node:test';

import { encodeUwsgiPacket } from '@emperor/protocol';

import { ask, exchangeBytes } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { repository } from '../rig/subject.ts';
import { needs } from '../run/parts.ts';
import { appArguments, replaceApp, startApp } from '../tutorial/project.ts';
import { askOften } from './ask-often.ts';
import { budgets, type RequestBudget } from './budgets.ts';
import { countCalls, countSleeps } from './request-cost.ts';

const REQUESTS = 200;
const WARM_UP_ROUNDS = 5;

/** As nginx has them with Debian's `uwsgi_params`. */
const NGINX_PACKET: Buffer = encodeUwsgiPacket(
  0,
  0,
  Object.entries({
    QUERY_STRING: '',
    REQUEST_METHOD: 'GET',
    CONTENT_TYPE: '',
    CONTENT_LENGTH: '',
    REQUEST_URI: '/',
    PATH_INFO: '/',
    DOCUMENT_ROOT: '/var/www/html',
    SERVER_PROTOCOL: 'HTTP/1.1',
    REQUEST_SCHEME: 'http',
    REMOTE_ADDR: '127.0.0.1',
    REMOTE_PORT: '40000',
    SERVER_PORT: '80',
    SERVER_NAME: 'localhost',
    HTTP_HOST: 'localhost',
  }).flat(),
);

async function oneByOne(askOnce: () => Promise<unknown>): Promise<void> {
  for (let count = 0; count < REQUESTS; count++) await askOnce();
}

/** Has a process do the work again and again: first for what is done once and for the compilers, then for each of the two counts. */
async function judge(
  t: TestContext,
  rig: Rig,
  name: string,
  pid: number,
  work: () => Promise<void>,
  budget: RequestBudget,
) {
  for (let round = 0; round < WARM_UP_ROUNDS; round++) await work();
  const sleeps = (await countSleeps(pid, work)) / REQUESTS;
  const calls = (await countCalls(rig, pid, work)) / REQUESTS;
  const text = `${name}: ${calls} system calls and ${sleeps} sleeps for a request`;
  t.diagnostic(text);
  assert.ok(calls > 1 && calls <= budget.calls, text);
  assert.ok(sleeps <= budget.sleeps, text);
}

test('a request to an app costs the vassal and the worker few system calls and sleeps', needs('strace'), async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startApp(rig, '--disable-logging', '--socket', 'app.sock', '--vacuum');
  const worker = vassal.tree().at(-1)?.pid ?? Number.NaN;
  const kept = () => askOften(port, REQUESTS);
  await judge(t, rig, 'kept', vassal.pid, kept, budgets.request.kept);
  await judge(t, rig, 'kept, in the worker', worker, kept, budgets.request.keptInWorker);
  const single = () => oneByOne(() => ask(port, 'GET /'));
  await judge(t, rig, 'single', vassal.pid, single, budgets.request.single);
  const behindNginx = () =>
    oneByOne(async () => {
      const answer = await exchangeBytes(rig.path('app.sock'), NGINX_PACKET);
      assert.match(answer.toString('latin1', 0, 20), /^HTTP\/1\.1 200 /);
    });
  await judge(t, rig, 'behind nginx', vassal.pid, behindNginx, budgets.request.behindNginx);
});

test('a request for a file costs the vassal few system calls and sleeps', needs('strace'), async (t) => {
  await using rig = Rig.open(t);
  replaceApp(rig, 'not_found');
  // Not a file of this moment: such are read again each time, since they may be written once more in the same tick of the clock.
  const files = ['--static-map', `/old=${repository}deploy/www/project/static`];
  const port = await rig.port();
  const vassal = await rig.vassal([...appArguments(port), '--disable-logging', ...files]);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  const file = () => askOften(port, REQUESTS, { path: '/old/base.css' });
  await judge(t, rig, 'static file', vassal.pid, file, budgets.request.staticFile);
  const missing = () => askOften(port, REQUESTS, { path: '/old/nothing.css', status: 404 });
  await judge(t, rig, 'missing file', vassal.pid, missing, budgets.request.missingFile);
});
