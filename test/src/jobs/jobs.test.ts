import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { reloaded } from '../instance/project.ts';
import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, realUwsgiEnvironment } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { needs } from '../run/parts.ts';
import { answering, evaluating, startApp } from '../timers/project.ts';

const done = /^\[spooler .* pid: \d+\] done with task uwsgi_spoolfile_on_\S+ after \d+ seconds$/;

/** What uWSGI's manual shows of its decorators for jobs, unchanged but for the words. */
const documented = `
import uwsgi
from uwsgidecorators import *

@spool
def a_long_long_task(arguments):
    print('long task:', arguments['foo'], arguments['hello'], flush=True)

@spool(pass_arguments=True)
def with_arguments(arg1, arg2, keyword=None):
    print('arguments:', arg1, arg2, keyword, flush=True)

@spoolforever
def for_ever(arguments):
    print('for ever:', arguments['uuu'], flush=True)

tries = 0

@spoolraw
def raw(arguments):
    global tries
    tries += 1
    print('raw, try', tries, flush=True)
    return uwsgi.SPOOL_OK if tries > 2 else uwsgi.SPOOL_RETRY

def answer(path):
    return {
        '/long': lambda: a_long_long_task.spool({'foo': 'bar', 'hello': 'world'}),
        '/arguments': lambda: with_arguments.spool({'a': [1, 2.5]}, (None, 'x'), keyword={3}),
        '/forever': lambda: for_ever.spool({'uuu': 'yyy'}),
        '/raw': lambda: raw.spool({'x': 'y'}),
    }[path]()
${answering}`;

test("uWSGI's documented decorators for jobs run them, with arguments, again and again, until they are done", async (t) => {
  await using rig = Rig.open(t);
  const { vassal, get } = await startApp(rig, ['spooler = jobs', 'spooler-frequency = 1'], documented);
  await vassal.waitForLog(/^spawned the uWSGI spooler on dir .*\/jobs with pid \d+$/);
  assert.match(await get('/long'), /^b'.*\/jobs\/uwsgi_spoolfile_on_\S*_\d+_1_\d+_\d+_\d+'$/);
  await vassal.waitForLog(/^\[spooler\] written \d+ bytes to file .*\/jobs\/uwsgi_spoolfile_on_/);
  await vassal.waitForLog(/^\[spooler .*\/jobs pid: \d+\] managing request uwsgi_spoolfile_on_\S+ \.\.\.$/);
  await vassal.waitForLog(/^long task: bar world$/);
  await vassal.waitForLog(done);
  await get('/arguments');
  await vassal.waitForLog(/^arguments: \{'a': \[1, 2\.5\]\} \(None, 'x'\) \{3\}$/);
  await get('/raw');
  await vassal.waitForLog(/^raw, try 3$/);
  await get('/forever');
  const mark = vassal.log.mark();
  await vassal.waitForLog(/^for ever: yyy$/, mark);
  await vassal.waitForLog(/^for ever: yyy$/, vassal.log.mark());
});

/** An app whose jobs do what their key `what` says, and which evaluates what it is asked. */
const obedient = `
import os, signal, time, uwsgi

def work(job):
    what = job[b'what']
    print('job', what.decode(), 'in', os.getcwd(), 'body', len(job.get('body', b'')), flush=True)
    if what == b'raise':
        raise ValueError('this job never works')
    if what == b'die':
        os.kill(os.getpid(), signal.SIGKILL)
    if what == b'hang':
        time.sleep(600)
    if what == b'none':
        return None
    return uwsgi.SPOOL_OK

uwsgi.spooler = work

def spool(what, **keys):
    job = {b'what': what.encode()}
    job.update((key.encode(), value) for key, value in keys.items())
    return uwsgi.spool(job)
${evaluating}`;

test('jobs that wait at the end of an instance run after its next start', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, get } = await startApp(rig, ['spooler = jobs'], obedient);
  await get(`/spool('later',at=str(int(time.time())+2).encode())`);
  await vassal.stop();
  const { vassal: next } = await startApp(rig, ['spooler = jobs', 'spooler-frequency = 1'], obedient);
  await next.waitForLog(/^job later in .*\/jobs body 0$/);
});

test('a body of any size reaches the job', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, get } = await startApp(rig, ['spooler = jobs'], obedient);
  await get(`/spool('large',body=b'x'*100000000)`);
  await vassal.waitForLog(/^job large in .*\/jobs body 100000000$/);
  await vassal.waitForLog(done);
});

test('a job goes to the directory it names, and runs there', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, get } = await startApp(rig, ['spooler = jobs', 'spooler = others'], obedient);
  await get(`/spool('second',spooler=b'${rig.path('others')}')`);
  await vassal.waitForLog(/^job second in .*\/others body 0$/);
  assert.match(await get(`/spool('x',spooler=b'/nowhere')`), /^ValueError: unable to spool job/);
  assert.match(await get(`/spool('halves',at=b'1.5',body=b'')`), /^b'/);
  await vassal.waitForLog(/^job halves in .*\/jobs body 0$/);
  assert.match(
    await get('/uwsgi.spool({"a":1})'),
    /^ValueError: spooler callable dictionary must contains only bytes$/,
  );
});

test('jobs run by their priority, those without one last', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, get } = await startApp(rig, ['spooler-external = jobs'], obedient);
  for (const [what, keys] of [
    ['plain', ''],
    ['ten', ",priority=b'10'"],
    ['two', ",priority=b'2'"],
  ])
    await get(`/spool('${what}'${keys})`);
  await vassal.stop();
  const { vassal: next } = await startApp(rig, ['spooler = jobs'], obedient);
  await next.waitForLog(/^job plain /);
  const order = next.log.all(/^job (\w+) in/).map(([, what]) => what);
  assert.deepEqual(order, ['two', 'ten', 'plain']);
});

async function vassalJobs(rig: Rig, args: readonly string[]): Promise<string> {
  const command = await rig.vassal(['jobs', 'jobs', ...args]);
  await command.waitForExit();
  return command.log.lines.join('\n');
}

test(
  'a job that kills its process is given up after some tries, holds nobody up, and can be seen and mended',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t);
    const { vassal, get } = await startApp(
      rig,
      ['spooler = jobs', 'spooler-attempts = 2', 'spooler-frequency = 600'],
      obedient,
    );
    await get(`/spool('die')`);
    await get(`/spool('raise')`);
    await get(`/spool('none')`);
    await get(`/spool('fine')`);
    await vassal.waitForLog(/^job fine /);
    await vassal.waitForLog(/^OOOPS the spooler is no more\.\.\.trying respawn\.\.\.$/);
    await vassal.waitForLog(
      /task \S+ is given up after 2 attempts: its process died; "vassal jobs .*\/jobs" lists it$/,
    );
    await vassal.waitForLog(/given up after 2 attempts: it raised ValueError: this job never works;/);
    await vassal.waitForLog(/given up after 2 attempts: it returned None: expected SPOOL_OK, /);
    const listed = await vassalJobs(rig, []);
    assert.match(listed, /^dead +2 /m);
    assert.match(listed, /^ {4}its process died$/m);
    const rows = JSON.parse(await vassalJobs(rig, ['--json'])) as { name: string; reason: string }[];
    assert.equal(rows.length, 3);
    const name = rows.find(({ reason }) => reason.includes('ValueError'))?.name ?? '';
    assert.match(await vassalJobs(rig, ['show', name]), /what = "raise"/);
    const mark = vassal.log.mark();
    assert.equal(await vassalJobs(rig, ['retry', name]), '1 job will run again');
    await vassal.waitForLog(/given up after 2 attempts: it raised ValueError: this job never works;/, mark);
    assert.equal(await vassalJobs(rig, ['drop', '--all']), '3 jobs dropped');
  },
);

test('a job that takes too long is ended with its process', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, get } = await startApp(rig, ['spooler = jobs', 'spooler-harakiri = 1'], obedient);
  const mark = vassal.log.mark();
  await get(`/spool('hang')`);
  await vassal.waitForLog(/^job hang /);
  await vassal.waitForLog(/HARAKIRI ON THE SPOOLER /);
  await vassal.waitForLog(/^spawned the uWSGI spooler on dir /, mark);
});

test('a spooler is replaced after so many jobs, and when a file is touched', async (t) => {
  await using rig = Rig.open(t);
  rig.write('touched', '');
  const { vassal, get } = await startApp(
    rig,
    ['spooler = jobs', 'spooler-max-tasks = 2', 'touch-spoolers-reload = touched'],
    obedient,
  );
  await vassal.waitForLog(/^spawned the uWSGI spooler /);
  let mark = vassal.log.mark();
  for (const what of ['one', 'two', 'three']) await get(`/spool('${what}')`);
  await vassal.waitForLog(/maximum number of tasks reached \(2\) recycling/);
  await vassal.waitForLog(/^spawned the uWSGI spooler /, mark);
  await vassal.waitForLog(/^job three /);
  mark = vassal.log.mark();
  writeFileSync(rig.path('touched'), 'again');
  await vassal.waitForLog(/^spawned the uWSGI spooler /, mark);
});

test('jobs are accepted and run over a reload', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, get } = await startApp(rig, ['spooler = jobs'], obedient);
  vassal.signal('SIGHUP');
  for (let number = 0; number < 20; number++) await get(`/spool('n${number}')`);
  await vassal.waitForLog(reloaded);
  await vassal.waitForLog(/^job n19 /);
  await until('every job has run', () => vassal.log.all(/^job n\d+ /).length >= 20);
});

const besideUwsgi = oursOnly.skip === false ? needs('uwsgi') : oursOnly;

test("a real uWSGI's spool directory is taken over with its jobs", besideUwsgi, async (t) => {
  await using rig = Rig.open(t);
  const port = await rig.port();
  rig.write('app.py', obedient.replace('return uwsgi.SPOOL_OK', 'return uwsgi.SPOOL_IGNORE'));
  const real = await rig.start(
    ['uwsgi', '--master', '--http-socket', `127.0.0.1:${port}`, '--module', 'app', '--spooler', 'jobs'],
    { environment: realUwsgiEnvironment },
  );
  await real.waitForLog(/^spawned uWSGI worker 1 /);
  for (const call of [`spool('plain',body=b'abc')`, `spool('urgent',priority=b'1')`, `spool('late',at=b'1')`])
    await ask(port, `GET /${call}`);
  await until('the files are there', () => existsSync(rig.path('jobs/1')) && readdirSync(rig.path('jobs')).length >= 3);
  await real.stop();
  const { vassal } = await startApp(rig, ['spooler = jobs'], obedient);
  await vassal.waitForLog(/^job plain in .* body 3$/);
  await vassal.waitForLog(/^job urgent /);
  await vassal.waitForLog(/^job late /);
  assert.deepEqual(
    readdirSync(rig.path('jobs')).filter((name) => name.startsWith('uwsgi_spoolfile')),
    [],
  );
});

test('a damaged job database is left alone, and both the app and the log are told', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  rig.write('jobs/jobs.sqlite', 'this is no database, but somebody may want to mend it '.repeat(100));
  const before = readFileSync(rig.path('jobs/jobs.sqlite'));
  const { vassal, get } = await startApp(rig, ['spooler = jobs'], obedient);
  await vassal.waitForLog(
    /cannot work: .*\/jobs\/jobs\.sqlite: file is not a database: jobs wait until that is mended/,
  );
  assert.match(await get(`/spool('x')`), /^ValueError: unable to spool job: .*\/jobs\.sqlite: file is not a database$/);
  assert.deepEqual(readFileSync(rig.path('jobs/jobs.sqlite')), before);
});

test('a spool directory that cannot be made refuses the configuration', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  rig.write('file', '');
  for (const [path, reason] of [
    ['file/jobs', 'ENOTDIR'],
    ['/proc/nope', 'ENOENT'],
  ] as const) {
    rig.write('uwsgi.ini', `[uwsgi]\nhttp-socket = 127.0.0.1:0\nspooler = ${path}\n`);
    const vassal = await rig.vassal(['uwsgi.ini']);
    await vassal.waitForLog(new RegExp(`^spooler = ${path}: cannot keep jobs there: ${reason}`));
    assert.equal((await vassal.waitForExit()).code, 1);
  }
});

test('an idle spooler uses no processor time', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startApp(rig, ['spooler = jobs'], obedient);
  const [, pid = ''] = await vassal.waitForLog(/^spawned the uWSGI spooler on dir .* with pid (\d+)$/);
  const switches = (): string => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return /^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? '';
  };
  // It rests when a quarter of a second goes by without a wake-up.
  await until('the spooler rests', async () => {
    const before = switches();
    await pause(250);
    return switches() === before;
  });
});
