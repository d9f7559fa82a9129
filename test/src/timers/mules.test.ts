import assert from 'node:assert/strict';
import test from 'node:test';

import { reloaded } from '../instance/project.ts';
import { isAlive } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { answering, startApp } from './project.ts';

const functions = `
import os, uwsgi
from uwsgidecorators import mulefunc, mulemsg, farm

@mulefunc
def anywhere(text):
    print('anywhere:', text, 'in mule', uwsgi.mule_id(), flush=True)

@mulefunc(2)
def in_the_second(text):
    print('second:', text, 'in mule', uwsgi.mule_id(), flush=True)

def answer(path):
    return {'/any': lambda: anywhere('one'), '/second': lambda: in_the_second('two')}[path]()
`;

test('functions of the app run in mules, in any or in the one that was named', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, get } = await startApp(rig, ['mules = 2'], functions + answering);
  await vassal.waitForLog(/^spawned uWSGI mule 2 \(pid: \d+\)$/);
  await get('/any');
  await vassal.waitForLog(/^anywhere: one in mule [12]$/);
  await get('/second');
  await vassal.waitForLog(/^second: two in mule 2$/);
});

test('a mule runs a script of its own, which takes messages', async (t) => {
  await using rig = Rig.open(t);
  rig.write(
    'work.py',
    `import uwsgi
print('mule', uwsgi.mule_id(), 'of farm:', uwsgi.in_farm('cows'), flush=True)
while True:
    print('message', uwsgi.mule_get_msg().decode(), flush=True)
`,
  );
  const { vassal, get } = await startApp(
    rig,
    ['mule = work.py', 'farm = cows:1'],
    `import uwsgi
def answer(path):
    return uwsgi.mule_msg(path[1:], 1)
${answering}`,
  );
  await vassal.waitForLog(/^mule 1 of farm: True$/);
  assert.equal(await get('/hello'), 'True');
  await vassal.waitForLog(/^message hello$/);
});

test('a mule that dies is replaced', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, get } = await startApp(rig, ['mules = 2'], functions + answering);
  const [, pid = ''] = await vassal.waitForLog(/^spawned uWSGI mule 2 \(pid: (\d+)\)$/);
  const mark = vassal.log.mark();
  process.kill(Number(pid), 'SIGKILL');
  await vassal.waitForLog(/spawned uWSGI mule 2 \(pid: (?!0)/, mark);
  await get('/second');
  await vassal.waitForLog(/^second: two in mule 2$/);
});

test('a mule whose function takes too long is killed and replaced', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, get } = await startApp(
    rig,
    ['mules = 1', 'mule-harakiri = 1'],
    `import time
from uwsgidecorators import mulefunc

@mulefunc
def hang():
    time.sleep(600)

def answer(path):
    return hang()
${answering}`,
  );
  await vassal.waitForLog(/^spawned uWSGI mule 1 /);
  const mark = vassal.log.mark();
  await get('/');
  await vassal.waitForLog(/HARAKIRI ON MULE 1 /);
  await vassal.waitForLog(/spawned uWSGI mule 1 /, mark);
});

test('a reload ends the mules before it starts those of the new code', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startApp(rig, ['mules = 1'], functions + answering);
  const [, old = ''] = await vassal.waitForLog(/^spawned uWSGI mule 1 \(pid: (\d+)\)$/);
  const mark = vassal.log.mark();
  vassal.signal('SIGHUP');
  await vassal.waitForLog(reloaded, mark);
  await vassal.waitForLog(/^spawned uWSGI mule 1 /, mark);
  assert.equal(isAlive(Number(old)), false);
});

test('workers and mules share queues, locks and functions', async (t) => {
  await using rig = Rig.open(t);
  const { get } = await startApp(
    rig,
    ['queue = 4', 'locks = 2'],
    `import uwsgi
uwsgi.register_rpc('hello', lambda name=b'you': b'hello ' + name)
def answer(path):
    return eval(path[1:])
${answering}`,
  );
  const answers = [];
  for (const expression of [
    `uwsgi.queue_push('a')`,
    `uwsgi.queue_push('b')`,
    'uwsgi.queue_last(3)',
    'uwsgi.queue_pull()',
    'uwsgi.queue_pop()',
    'uwsgi.queue_pull()',
    '[uwsgi.lock(2),uwsgi.is_locked(2),uwsgi.unlock(2)]',
    'uwsgi.rpc_list()',
  ])
    answers.push(await get(`/${expression}`));
  assert.deepEqual(answers, [
    'True',
    'True',
    "[b'b', b'a', None]",
    "b'a'",
    "b'b'",
    'None',
    '[None, True, None]',
    "(b'hello',)",
  ]);
});
