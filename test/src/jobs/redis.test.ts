import assert from 'node:assert/strict';
import test from 'node:test';

import { startRedis } from '../cache/redis.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { needs } from '../run/parts.ts';
import { evaluating, startApp } from '../timers/project.ts';

const app = `
import os, signal, uwsgi
from uwsgidecorators import spool, spoolraw

@spoolraw(pass_arguments=True)
def work(what):
    print('job', what, flush=True)
    if what == 'die' and not os.path.exists('mended'):
        os.kill(os.getpid(), signal.SIGKILL)
    return uwsgi.SPOOL_OK

@spool
def take(arguments):
    print('body', len(arguments['body']), flush=True)
${evaluating}`;

const withRedis = oursOnly.skip === false ? needs('redis') : oursOnly;

test('jobs on a Redis run in any instance that asks for them, by priority, and none is lost', withRedis, async (t) => {
  await using rig = Rig.open(t);
  const port = await rig.port();
  const redis = await rig.start(['redis-server', '--port', String(port), '--save', '', '--requirepass', 'secret']);
  await redis.waitForLog(/eady to accept connections/);
  const url = `redis://:secret@127.0.0.1:${port}/3`;
  const { vassal: producer, get } = await startApp(rig, [`spooler-external = ${url}`], app);
  await get(`/work('last')`);
  await get(`/work('later',at='99999999999',body=b'x'*3000000)`);
  await get(`/work('first',priority='1')`);
  assert.match(await get('/len(uwsgi.spooler_jobs())'), /^3$/);
  assert.match(await get('/uwsgi.spooler_get_task(uwsgi.spooler_jobs()[0].decode())[b"priority"]'), /^b'1'$/);
  assert.match(await get('/len(uwsgi.spooler_get_task(uwsgi.spooler_jobs()[2])["body"])'), /^3000000$/);
  await producer.stop();
  const { vassal, get: ask } = await startApp(
    rig,
    [`spooler = ${url}`, 'spooler-frequency = 1', 'spooler-attempts = 2'],
    app,
  );
  await vassal.waitForLog(
    new RegExp(`^spawned the uWSGI spooler on dir redis://127\\.0\\.0\\.1:${port}/3 with pid \\d+$`),
  );
  await vassal.waitForLog(/^job last$/);
  assert.deepEqual(
    vassal.log.all(/^job (.*)$/).map(([, what]) => what),
    ['first', 'last'],
  );
  const mark = vassal.log.mark();
  await ask(`/work('again')`);
  await vassal.waitForLog(/^job again$/, mark);
  await ask(`/take(body=b'x'*3000000)`);
  await vassal.waitForLog(/^body 3000000$/, mark);
  await ask(`/work('die')`);
  await vassal.waitForLog(
    / is given up after 2 attempts: its process died; "vassal jobs redis:\/\/127[^@]*" lists it$/,
  );
  const jobs = async (...args: string[]): Promise<string> => {
    const command = await rig.vassal(['jobs', url, ...args]);
    await command.waitForExit();
    return command.log.lines.join('\n');
  };
  const rows = JSON.parse(await jobs('list', '--json')) as { name: string; due: number; reason?: string }[];
  const nameOf = (found: (row: (typeof rows)[number]) => boolean): string => rows.find(found)?.name ?? '';
  const dead = nameOf(({ reason }) => reason === 'its process died');
  const later = nameOf(({ due }) => due === 99_999_999_999);
  const outputs = await Promise.all([jobs(), jobs('show', dead), jobs('drop', later)]);
  assert.match(outputs[0], new RegExp(`^dead .* ${dead}\n {4}its process died$`, 'm'));
  assert.match(outputs[1], /ud_spool_func = "work"/);
  assert.equal(outputs[2], '1 job dropped');
  rig.write('mended', '');
  const mended = vassal.log.mark();
  assert.equal(await jobs('retry', '--all'), '1 job will run again');
  await vassal.waitForLog(/ done with task /, mended);
  assert.doesNotMatch(vassal.log.lines.join('\n'), /secret/);
});

test('a Redis that is away is named, in the app and in the log, and used when it comes', withRedis, async (t) => {
  await using rig = Rig.open(t);
  const port = await rig.port();
  const { vassal, get } = await startApp(rig, [`spooler = redis://127.0.0.1:${port}`], app);
  await vassal.waitForLog(/cannot work: 127\.0\.0\.1:\d+: .*connection refused: jobs wait until that is mended/);
  assert.match(await get(`/work('x')`), /^ValueError: unable to spool job: 127\.0\.0\.1:\d+: connection refused$/);
  await startRedis(rig, port);
  await until('jobs are accepted', async () => !(await get(`/work('y')`)).startsWith('ValueError'));
  await vassal.waitForLog(/^job y$/);
});
