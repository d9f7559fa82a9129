import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';

import { reloaded, startInstance } from '../instance/project.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { until } from '../rig/until.ts';

const always = '-1 -1 -1 -1 -1';

function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

/** Each run writes the minute it began in. */
const noteMinute = `date +%%H:%%M >> minutes`;

test('a cron command runs in the minute of the start, and its end is in the log', async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startInstance(rig, [`cron = ${always} echo done by cron`]);
  await vassal.waitForLog(/^\[uwsgi-cron\] command "echo done by cron" registered as cron task$/);
  const [, pid = ''] = await vassal.waitForLog(/ - \[uwsgi-cron\] running "echo done by cron" \(pid (\d+)\)$/);
  await vassal.waitForLog(/^done by cron$/);
  await vassal.waitForLog(
    new RegExp(
      `^\\[uwsgi-cron\\] command "echo done by cron" running with pid ${pid} exited after \\d+ second\\(s\\)$`,
    ),
  );
});

test('a cron command runs once per minute, over reloads and restarts', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const lines = [`cron = ${always} ${noteMinute}`];
  const { vassal } = await startInstance(rig, lines);
  await until('it has run', () => linesOf(rig.path('minutes')).length > 0);
  vassal.signal('SIGHUP');
  await vassal.waitForLog(reloaded);
  await vassal.stop();
  const { vassal: next } = await startInstance(rig, lines);
  await next.waitForLog(/^spawned uWSGI worker 1 /);
  await next.stop();
  const minutes = linesOf(rig.path('minutes'));
  assert.deepEqual(minutes, [...new Set(minutes)]);
});

test('a unique cron command that still runs is not started again, and one with a limit is killed', async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startInstance(rig, [`cron2 = minute=-1,unique=1,harakiri=1 sleep 600`]);
  await vassal.waitForLog(/ - \[uwsgi-cron\] running "sleep 600" \(pid \d+\)$/);
  await vassal.waitForLog(/^\*\*\* HARAKIRI ON CRON "sleep 600" \(pid: \d+\) \*\*\*$/);
});

test('a cron entry that cannot be understood is named with its place', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  rig.write('uwsgi.ini', '[uwsgi]\nhttp-socket = 127.0.0.1:0\ncron2 = minute=61 date\n');
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(
    /^uwsgi\.ini:3: cron2 = minute=61 date: the minute is "61": expected -1 \(always\), 0 to 59, or -N/,
  );
  assert.equal((await vassal.waitForExit()).code, 1);
});
