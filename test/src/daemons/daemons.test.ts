import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import test from 'node:test';

import { reloaded, startInstance } from '../instance/project.ts';
import { isAlive } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { until } from '../rig/until.ts';

const waits = 'exec sleep 600';

function pidIn(path: string): number {
  return existsSync(path) ? Number.parseInt(readFileSync(path, 'latin1'), 10) : 0;
}

/** Waits for a pid in a file that another process writes. */
function pidFrom(path: string, not: number = 0): Promise<number> {
  return until(`${path} names a process`, () => {
    const pid = pidIn(path);
    return pid > 0 && pid !== not && pid;
  });
}

test('a daemon that is killed is started again, and ends with the instance', async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startInstance(rig, [`attach-daemon = echo $$ > d.pid; ${waits}`]);
  await vassal.waitForLog(/^\[uwsgi-daemons\] spawning "echo \$\$ > d\.pid; exec sleep 600" \(uid: \d+ gid: \d+\)$/);
  const first = await pidFrom(rig.path('d.pid'));
  process.kill(first, 'SIGKILL');
  await vassal.waitForLog(/^\[uwsgi-daemons\] respawning "echo /);
  const second = await pidFrom(rig.path('d.pid'), first);
  await vassal.stop();
  await vassal.waitForLog(/^\[uwsgi-daemons\] stopping daemon \(pid: \d+\): echo /);
  assert.equal(isAlive(second), false);
});

test("a daemon's output is in the log under its name", oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startInstance(rig, ['attach-daemon = TZ=UTC printf "one\\ntwo" > /dev/stderr; sleep 600']);
  await vassal.waitForLog(/^\[printf\] one$/);
});

test('a daemon that ends at once, or does not exist, is started less and less often', async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startInstance(rig, ['attach-daemon = exit 3', 'attach-daemon = no-such-program-here']);
  await vassal.waitForLog(/^\[uwsgi-daemons\] throttling "exit 3" for 1 seconds$/);
  await vassal.waitForLog(/^\[uwsgi-daemons\] throttling "no-such-program-here" for 1 seconds$/);
  await vassal.waitForLog(/^\[uwsgi-daemons\] throttling "exit 3" for 2 seconds$/);
});

test('the end of a control daemon ends the instance', async (t) => {
  await using rig = Rig.open(t);
  rig.write('gate', '');
  const { vassal } = await startInstance(rig, ['attach-control-daemon = while [ -e gate ]; do sleep 0.1; done']);
  await vassal.waitForLog(/^\[uwsgi-daemons\] spawning /);
  await rig.start(['rm', 'gate']);
  assert.deepEqual(await vassal.waitForExit(), { code: 0, signal: null });
});

test('attach-daemon2 has keys for the directory, the signal and the files that restart it', async (t) => {
  await using rig = Rig.open(t);
  rig.write('touched', '');
  rig.write('below/here', '');
  const command = "trap 'touch interrupted; exit' INT; echo $$ > d.pid; while :; do sleep 0.1; done".replaceAll(
    ',',
    '\\,',
  );
  const { vassal } = await startInstance(rig, [
    `attach-daemon2 = cmd=${command},chdir=below,stopsignal=2,touch=${rig.path('touched')}`,
  ]);
  const first = await pidFrom(rig.path('below/d.pid'));
  // The watch may see the file for the first time after this touch: then there is another one.
  await until('the touch is seen', () => {
    const at = statSync(rig.path('touched')).mtimeMs / 1000 + 1;
    utimesSync(rig.path('touched'), at, at);
    return existsSync(rig.path('below/interrupted'));
  });
  await vassal.waitForLog(/\*\*\* .*touched has been touched\.\.\. reloading daemon ".*" \(pid: \d+\) !!! \*\*\*$/);
  await pidFrom(rig.path('below/d.pid'), first);
});

test('an attach-daemon2 key that is not known refuses the configuration', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  rig.write('uwsgi.ini', '[uwsgi]\nhttp-socket = 127.0.0.1:0\nattach-daemon2 = cmd=sleep 1,stopsig=2\n');
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(/^uwsgi\.ini:3: attach-daemon2 = .*: "stopsig=2" is not understood: .*stopsignal/);
  assert.equal((await vassal.waitForExit()).code, 1);
});

test('a smart daemon outlives its instance and is found again', async (t) => {
  await using rig = Rig.open(t);
  // It must not hold the pipe to this test.
  const command = `${waits} > /dev/null 2>&1`;
  const lines = [`smart-attach-daemon2 = smart.pid ${command}`];
  const { vassal } = await startInstance(rig, lines);
  const pid = await pidFrom(rig.path('smart.pid'));
  t.after(() => isAlive(pid) && process.kill(pid, 'SIGKILL'));
  await vassal.stop();
  assert.equal(isAlive(pid), true);
  const { vassal: next } = await startInstance(rig, lines);
  await next.waitForLog(
    new RegExp(`^\\[uwsgi-daemons\\] found valid/active pidfile for "exec sleep 600 .*" \\(pid: ${pid}\\)$`),
  );
  await next.stop();
  process.kill(pid, 'SIGKILL');
});

test('a smart daemon that is killed is started again although its pidfile is still there', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startInstance(rig, [
    `attach-daemon2 = cmd=setsid sleep 600 > /dev/null 2>&1 & echo $! > own.pid,pidfile=own.pid,freq=1`,
  ]);
  await vassal.waitForLog(/^\[uwsgi-daemons\] found changed pid for /);
  const first = pidIn(rig.path('own.pid'));
  process.kill(first, 'SIGKILL');
  const second = await pidFrom(rig.path('own.pid'), first);
  await vassal.stop();
  process.kill(second, 'SIGKILL');
});

test(
  'a program that goes to the background although it should not is named, watched and stopped',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t);
    const { vassal } = await startInstance(rig, ['attach-daemon = setsid sleep 600 & sleep 0.1']);
    const [, pid] = await vassal.waitForLog(
      /went to the background \(pid: (\d+)\) and is watched there: .*smart-attach/,
    );
    assert.equal(isAlive(Number(pid)), true);
    await vassal.stop();
    assert.equal(isAlive(Number(pid)), false);
  },
);

test('a daemon that does not obey is ended by force when reload-mercy is over', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startInstance(rig, [
    'reload-mercy = 1',
    `attach-daemon = trap '' TERM; echo $$ > d.pid; while :; do sleep 0.1; done`,
  ]);
  const pid = await pidFrom(rig.path('d.pid'));
  await vassal.stop();
  await vassal.waitForLog(/^\[uwsgi-daemons\] daemon did not die in time, killing \(pid: \d+\): trap /);
  assert.equal(isAlive(pid), false);
});

test('a reload stops the daemons and starts those of the new configuration', async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startInstance(rig, [`attach-daemon = echo $$ > d.pid; ${waits}`]);
  const first = await pidFrom(rig.path('d.pid'));
  const ini = readFileSync(rig.path('uwsgi.ini'), 'utf8');
  writeFileSync(rig.path('uwsgi.ini'), ini.replace('d.pid', 'e.pid'));
  vassal.signal('SIGHUP');
  await vassal.waitForLog(reloaded);
  await pidFrom(rig.path('e.pid'));
  assert.equal(isAlive(first), false);
});

test('a daemon ends when its vassal is killed', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal } = await startInstance(rig, [`attach-daemon = echo $$ > d.pid; sleep 600; :`]);
  const pid = await pidFrom(rig.path('d.pid'));
  vassal.signal('SIGKILL');
  await vassal.waitForExit();
  await until('the daemon is gone', () => !isAlive(pid));
});
