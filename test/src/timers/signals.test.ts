import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import test from 'node:test';

import { reloaded } from '../instance/project.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { answering, startApp } from './project.ts';

/** What uWSGI's manual shows of its decorators for signals, timers and files, unchanged but for the times. */
const documented = `
import uwsgi
from uwsgidecorators import *

@timer(1)
def tick(num):
    print('tick in worker', uwsgi.worker_id(), flush=True)

@rbtimer(1)
def red_black(num):
    print('red black', flush=True)

@timer(1, target='mule')
def in_a_mule(num):
    print('tick in mule', uwsgi.mule_id(), flush=True)

@filemon('watched', target='workers')
def changed(num):
    print('watched has changed, says worker', uwsgi.worker_id(), flush=True)

@signal(200, target='workers')
def asked(num):
    print('signal', num, 'in worker', uwsgi.worker_id(), flush=True)

@cron(-1, -1, -1, -1, -1)
def each_minute(num):
    print('cron in worker', uwsgi.worker_id(), flush=True)

@postfork
def forked():
    print('forked', uwsgi.worker_id(), uwsgi.mule_id(), flush=True)

def answer(path):
    return uwsgi.signal(200)
`;

test("uWSGI's documented timers, crons, file monitors and signals run in workers and mules", async (t) => {
  await using rig = Rig.open(t);
  rig.write('watched', '');
  const { vassal, get } = await startApp(rig, ['processes = 2', 'mule = true'], documented + answering);
  await vassal.waitForLog(/^forked 1 0$/);
  await vassal.waitForLog(/^forked 0 1$/);
  await vassal.waitForLog(/^cron in worker [12]$/);
  const mark = vassal.log.mark();
  assert.equal(await get('/'), 'None');
  await vassal.waitForLog(/^signal 200 in worker 1$/, mark);
  await vassal.waitForLog(/^signal 200 in worker 2$/, mark);
  writeFileSync(rig.path('watched'), 'something');
  await vassal.waitForLog(/^watched has changed, says worker 2$/, mark);
  await vassal.waitForLog(/^tick in worker [12]$/);
  await vassal.waitForLog(/^tick in mule 1$/);
  await vassal.waitForLog(/^red black$/);
});

test('timers go on over a worker that dies and over a reload', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, get } = await startApp(
    rig,
    [],
    `import os, uwsgi
from uwsgidecorators import timer

@timer(1)
def tick(num):
    print('tick in', os.getpid(), flush=True)

def answer(path):
    os._exit(9)
${answering}`,
  );
  await vassal.waitForLog(/^tick in /);
  await get('/').catch(() => '');
  await vassal.waitForLog(/^Respawned uWSGI worker 1 /);
  await vassal.waitForLog(/^tick in /, vassal.log.mark());
  vassal.signal('SIGHUP');
  await vassal.waitForLog(reloaded);
  await vassal.waitForLog(/^tick in /, vassal.log.mark());
});

test('the function of a signal that raises is reported, and the worker goes on', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, get } = await startApp(
    rig,
    [],
    `import uwsgi

def fail(num):
    raise RuntimeError('cannot handle %d' % num)

uwsgi.register_signal(7, '', fail)

def answer(path):
    return uwsgi.signal(7)
${answering}`,
  );
  await get('/');
  await vassal.waitForLog(/^RuntimeError: cannot handle 7$/);
  assert.equal(await get('/'), 'None');
});

test('a slow signal does not hold up requests while another worker is free', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, get } = await startApp(
    rig,
    ['processes = 2'],
    `import os, time, uwsgi

def wait(num):
    print('waiting', flush=True)
    while not os.path.exists('go'):
        time.sleep(0.01)
    print('waited', flush=True)

uwsgi.register_signal(7, 'worker', wait)

def answer(path):
    return uwsgi.signal(7) if path == '/signal' else 'quick'
${answering}`,
  );
  await get('/signal');
  await vassal.waitForLog(/^waiting$/);
  for (let count = 0; count < 5; count++) assert.equal(await get('/'), 'quick');
  rig.write('go', '');
  await vassal.waitForLog(/^waited$/);
});

test('a monitored file may be replaced again and again', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  rig.write('watched', '');
  const { vassal } = await startApp(
    rig,
    [],
    `import uwsgi
uwsgi.register_signal(7, '', lambda num: print('changed to', open('watched').read(), flush=True))
uwsgi.add_file_monitor(7, 'watched')
answer = str
${answering}`,
  );
  for (const content of ['first', 'second', 'third']) {
    rig.write('watched.new', content);
    renameSync(rig.path('watched.new'), rig.path('watched'));
    await vassal.waitForLog(new RegExp(`^changed to ${content}$`));
  }
});

test('the configuration can raise signals by time and by touch', async (t) => {
  await using rig = Rig.open(t);
  rig.write('touched', '');
  const { vassal } = await startApp(
    rig,
    ['signal-timer = 5 1', 'rbtimer = 6 1', 'touch-signal = touched 7'],
    `import uwsgi
for number in 5, 6, 7:
    uwsgi.register_signal(number, '', lambda num: print('signal', num, flush=True))
answer = str
${answering}`,
  );
  await vassal.waitForLog(/^signal 5$/);
  await vassal.waitForLog(/^signal 6$/);
  writeFileSync(rig.path('touched'), 'again');
  await vassal.waitForLog(/^signal 7$/);
});
