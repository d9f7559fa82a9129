import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, subject } from '../rig/subject.ts';
import { workerSpawned } from './expect.ts';
import { layOutProject, listing, replaceApp } from './project.ts';

/** The Python that makes the virtualenvs: uWSGI can only use those of the one it was built with. */
const python = subject.isUwsgi ? '/usr/bin/python3' : 'python3';

/** A project whose app needs a package that only its virtualenv has. */
async function startInVirtualenv(rig: Rig, option: string, place: string = 'venv'): Promise<number> {
  layOutProject(rig);
  replaceApp(rig, 'with_package');
  execFileSync(python, ['-m', 'venv', '--without-pip', rig.path(place)]);
  const [version = ''] = readdirSync(rig.path(place, 'lib'));
  rig.write(`${place}/lib/${version}/site-packages/only_here.py`, "NAME = 'found in the virtualenv'\n");
  const port = await rig.port();
  rig.write('uwsgi.ini', `${listing('scaling-http-socket', { 8000: port })}${option}\n`);
  const vassal = await rig.vassal(['--ini', 'uwsgi.ini']);
  await vassal.waitForLog(workerSpawned);
  return port;
}

for (const option of ['virtualenv = venv', 'home = venv', 'venv = venv', 'pyhome = venv', 'virtualenv = %dvenv/']) {
  test(`${option} runs the app with the packages of the virtualenv`, async (t) => {
    await using rig = Rig.open(t);
    const port = await startInVirtualenv(rig, option);
    const [name, prefix] = (await ask(port, 'GET /')).body.toString().split('\n');
    assert.equal(name, 'found in the virtualenv');
    assert.equal(prefix?.replace(/\/$/, ''), rig.path('venv'));
  });
}

test('an app runs on the interpreter of its virtualenv', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const port = await startInVirtualenv(rig, 'virtualenv = sub dir/venv', 'sub dir/venv');
  const [, , executable] = (await ask(port, 'GET /')).body.toString().split('\n');
  assert.match(executable ?? '', /^.*\/sub dir\/venv\/bin\/python3?(\.\d+)?$/);
});

test('without a virtualenv the app runs on the python3 of the PATH', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  replaceApp(rig, 'environ');
  const port = await rig.port();
  rig.write('uwsgi.ini', listing('scaling-http-socket', { 8000: port }));
  const vassal = await rig.vassal(['--ini', 'uwsgi.ini']);
  await vassal.waitForLog(workerSpawned);
  const { python: seen } = JSON.parse((await ask(port, 'GET /')).body.toString()) as { python: { prefix: string } };
  assert.equal(
    seen.prefix,
    execFileSync('python3', ['-c', 'import sys; print(sys.prefix)'], { encoding: 'utf8' }).trim(),
  );
});

test('a virtualenv that is not there is named, with the option and its line', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  rig.write('uwsgi.ini', `${listing('scaling-http-socket', { 8000: await rig.port() })}virtualenv = nothere\n`);
  const vassal = await rig.vassal(['--ini', 'uwsgi.ini']);
  const { code } = await vassal.waitForExit();
  assert.equal(code, 1);
  assert.ok(vassal.log.find(/nothere/), vassal.log.tail());
});
