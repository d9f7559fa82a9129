import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';

const APP = `
import os, sys

def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    namespaces = [os.readlink('/proc/self/ns/' + name) for name in ('net', 'ipc', 'uts')] if os.path.isdir('/proc') else []
    return [repr([os.getuid(), os.getcwd(), sorted(os.listdir('/')), *namespaces]).replace("'", '"').encode()]
`;

const rootNeeded = process.getuid?.() === 0 ? oursOnly : { skip: 'only root can enter a jail' };

function canLeaveNamespaces(): boolean {
  return spawnSync('unshare', ['--net', '--ipc', '--uts', 'true'], { stdio: 'ignore' }).status === 0;
}

async function startIn(rig: Rig, lines: readonly string[]): Promise<number> {
  const port = await rig.port();
  chmodSync(rig.directory, 0o755);
  const head = ['[uwsgi]', 'master = true', `http-socket = 127.0.0.1:${port}`, 'module = app'];
  rig.write('uwsgi.ini', [...head, 'uid = 65534', 'gid = 65534', ...lines, ''].join('\n'));
  return port;
}

test(
  'chroot has the app see a directory as everything there is, and names in the configuration mean what is in it',
  rootNeeded,
  async (t) => {
    await using rig = Rig.open(t);
    const jail = rig.path('jail');
    for (const directory of ['srv', 'static']) mkdirSync(`${jail}/${directory}`, { recursive: true });
    chownSync(`${jail}/srv`, 65_534, 65_534); // the socket in it is to be removed in the end
    rig.write('jail/srv/app.py', APP);
    rig.write('jail/static/file.txt', 'a file in the jail');
    const lines = [
      'chdir = /srv',
      'check-static = /static',
      'socket = /srv/app.sock',
      'chmod-socket = 666',
      'vacuum = true',
    ];
    const port = await startIn(rig, [`chroot = ${jail}`, ...lines]);
    const vassal = await rig.vassal(['uwsgi.ini']);
    await vassal.waitForLog(/^spawned uWSGI worker 1 /);
    assert.ok(vassal.log.lines.includes(`chroot() to ${jail}`), vassal.log.tail());
    assert.equal((await ask(port, 'GET /')).body.toString(), '[65534, "/srv", ["srv", "static"]]');
    assert.equal((await ask(port, 'GET /file.txt')).body.toString(), 'a file in the jail');
    assert.ok(existsSync(`${jail}/srv/app.sock`));

    vassal.signal('SIGHUP');
    await vassal.waitForLog(
      /reload given up, the running configuration stays: chroot = .*: only root can, and this is user 65534; .* set master-as-root = true, /,
    );
    assert.equal((await ask(port, 'GET /')).status, 200);
  },
);

test('chroot with master-as-root can be reloaded', rootNeeded, async (t) => {
  await using rig = Rig.open(t);
  const jail = rig.path('jail');
  rig.write('jail/app.py', APP);
  const port = await startIn(rig, ['env = PYTHONDONTWRITEBYTECODE=1', `chroot = ${jail}`, 'master-as-root = true']);
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  vassal.signal('SIGHUP');
  await vassal.waitForLog(/^gracefully \(RE\)spawned uWSGI master process /);
  assert.equal((await ask(port, 'GET /')).body.toString(), '[65534, "/", ["app.py"]]');
});

for (const [title, lines, complaint] of [
  ['a directory that is not there', ['chroot = /no/such'], /^chroot\(\): there is no directory "\/no\/such"$/],
  [
    'a daemon that would run outside',
    ['chroot = /', 'attach-daemon = redis'],
    /^chroot = \/: only the app is put there, attach-daemon = redis would run outside; /,
  ],
  ['a namespace there is not', ['unshare = bogus'], /^unknown namespace subsystem: bogus /],
  [
    'a namespace that has to be left earlier',
    ['unshare = pid'],
    /^unshare = pid: not pid: .* start it with "unshare --fork --pid --mount-proc"/,
  ],
] as const) {
  test(`a jail is refused with ${title}`, rootNeeded, async (t) => {
    await using rig = Rig.open(t);
    await startIn(rig, lines);
    const vassal = await rig.vassal(['uwsgi.ini']);
    assert.deepEqual(await vassal.waitForExit(), { code: 1, signal: null });
    assert.ok(vassal.log.find(complaint), vassal.log.tail());
  });
}

test('unshare gives the app namespaces of its own, the site is reached all the same', rootNeeded, async (t) => {
  if (!canLeaveNamespaces()) {
    t.skip('this machine lets nobody leave its namespaces');
    return;
  }
  await using rig = Rig.open(t);
  rig.write('app.py', APP);
  const port = await startIn(rig, ['unshare = net,ipc', 'unshare = uts']);
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(/^\[linux-namespace\] applied unshare\(\) mask: 1207959552$/);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  const answer = JSON.parse((await ask(port, 'GET /')).body.toString()) as unknown[];
  const outside = new Set<unknown>(['net', 'ipc', 'uts'].map((name) => readlinkSync(`/proc/self/ns/${name}`)));
  assert.deepEqual(
    answer.slice(3).map((name) => outside.has(name)),
    [false, false, false],
  );
});
