import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import test from 'node:test';

import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { evaluating, startApp } from '../timers/project.ts';

/** Jobs write a byte each where nothing else is. */
const app = `
import os, threading, time, uwsgi

def work(job):
    while b'held' in job and not os.path.exists('../../go'):
        time.sleep(0.02)
    with open(os.environ['DONE'], 'ab', buffering=0) as done:
        done.write(b'.')
    return uwsgi.SPOOL_OK

uwsgi.spooler = work

def spool(**keys):
    return uwsgi.spool({key.encode(): value for key, value in keys.items()})

def hand_in(count):
    for number in range(count):
        spool(number=b'%d' % number)

def burst(count, threads):
    for _ in range(threads):
        threading.Thread(target=hand_in, args=(count // threads,)).start()

def done():
    return os.path.getsize(os.environ['DONE']) if os.path.exists(os.environ['DONE']) else 0
${evaluating}`;

test('ten thousand jobs at once are all accepted, and all run', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const lines = ['spooler = jobs', 'spooler-quiet = true', 'enable-threads = true', `env = DONE=${rig.path('done')}`];
  const { get } = await startApp(rig, lines, app);
  await get('/burst(10000,20)');
  await until('ten thousand jobs have run', async () => Number(await get('/done()')) === 10_000, 55_000);
  await until('nothing is left', async () => (await get('/uwsgi.spooler_jobs()')) === '[]');
});

test('a full disk refuses jobs, and those it has taken run when there is room again', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const disk = rig.path('disk');
  mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]).status !== 0) {
    t.skip('mounting a small disk needs root');
    return;
  }
  try {
    const lines = [`spooler = ${disk}/jobs`, 'spooler-frequency = 1', `env = DONE=${rig.path('done')}`];
    const { vassal, get } = await startApp(rig, lines, app);
    await vassal.waitForLog(/^spawned the uWSGI spooler /);
    await get('/spool(held=b"1")');
    await vassal.waitForLog(/managing request /);
    assert.match(await get('/spool(a=b"b")'), /^b'/);
    const filler = `${disk}/filler`;
    assert.throws(() => writeFileSync(filler, Buffer.alloc(4_000_000)), /ENOSPC/);
    assert.match(
      await get('/spool(body=b"x"*500000)'),
      /^ValueError: unable to spool job: .*\/jobs\.sqlite: database or disk is full$/,
    );
    rig.write('go', '');
    await vassal.waitForLog(/cannot work: .*database or disk is full: jobs wait until that is mended/);
    rmSync(filler);
    await until('both jobs that were accepted have run, each once', async () => (await get('/done()')) === '2');
    assert.match(await get('/spool(a=b"b")'), /^b'/);
    await until('new ones run, too', async () => (await get('/done()')) === '3');
    await vassal.stop();
  } finally {
    spawnSync('umount', ['-l', disk]);
  }
});
