import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { StepOutcome } from './app-server.ts';
import type { AppSource } from './settings.ts';
import { AppServerRig, type RigSettings } from './testing/app-server-rig.ts';

const APPS = fileURLToPath(new URL('../fixtures/apps', import.meta.url));

function makeRig(app: AppSource, settings: RigSettings = {}): AppServerRig {
  return new AppServerRig({ ...settings, app: { pythonpath: [APPS], ...app } });
}

async function startRig(app: AppSource, settings?: RigSettings): Promise<AppServerRig> {
  const rig = makeRig(app, settings);
  await rig.start();
  return rig;
}

/** Loads an app that does not load. */
async function load(app: AppSource): Promise<{ outcome: StepOutcome; output: string; lines: string[] }> {
  await using rig = makeRig(app);
  await rig.server.boot();
  const outcome = await rig.server.load();
  await rig.server.spawn();
  const { head, text, record } = await rig.get();
  assert.equal(head?.status, 500);
  assert.equal(text, 'Internal Server Error');
  assert.equal(record.app, -1);
  assert.equal(record.appRequests, -1);
  const { output, lines } = rig;
  const complaint = '--- no python application found, check your startup logs for errors ---\n';
  assert.ok(output.endsWith(complaint), output);
  return { outcome, output: output.slice(0, -complaint.length), lines: [...lines] };
}

test('a missing module is one line in the log, and requests get a 500', async () => {
  const { outcome, output, lines } = await load({ module: 'no_such_app' });
  assert.deepEqual(outcome, { kind: 'ok' });
  assert.equal(output, "ModuleNotFoundError: No module named 'no_such_app'\n");
  assert.deepEqual(lines.slice(-3, -1), [
    "unable to load app 0 (mountpoint='') (callable not found or import error)",
    '*** no app loaded. going in full dynamic mode ***',
  ]);
});

test('an app that fails to import leaves its traceback in the log, and nothing of ours', async () => {
  const broken = await load({ module: 'broken_import' });
  assert.match(
    broken.output,
    /^Traceback \(most recent call last\):\n {2}File ".*broken_import\.py", line 2, in <module>\n[^]*No module named 'no_such_module'\n$/,
  );
  const raising = await load({ module: 'raises_at_import' });
  assert.match(
    raising.output,
    /^Traceback [^]*raises_at_import\.py", line 5, in <module>[^]*line 2, in fail[^]*RuntimeError: not today\n$/,
  );
  const misspelt = await load({ module: 'syntax_error' });
  assert.match(misspelt.output, /^ {2}File ".*syntax_error\.py", line 1\n[^]*SyntaxError: expected ':'\n$/);
  for (const { output } of [broken, raising, misspelt]) assert.doesNotMatch(output, /emperor_worker|importlib/);
});

test('an app that calls sys.exit at import is an app that does not load', async () => {
  const { output } = await load({ module: 'exits_at_import' });
  assert.equal(output, "the app called sys.exit('I leave') while it was loaded\n");
});

test('a missing callable, module attribute or file is named', async () => {
  assert.match((await load({ module: 'names', callable: 'nothing' })).output, /^no callable "nothing" in module names/);
  assert.match((await load({ module: 'names:not_callable' })).output, /^no callable "not_callable" in module names/);
  assert.match(
    (await load({ wsgiFile: '/no/such/file.py' })).output,
    /^failed to open python file \/no\/such\/file\.py\n\(there is no such file in .*\)\n$/,
  );
});

test('need-app makes a missing app the end', async () => {
  await using rig = makeRig({ module: 'no_such_app', needApp: true });
  await rig.server.boot();
  assert.deepEqual(await rig.server.load(), { kind: 'no-app' });
  assert.equal(rig.lines.at(-1), '*** no app loaded. GAME OVER ***');
});

test('need-app with lazy-apps is told by an event', async () => {
  await using rig = makeRig({ module: 'no_such_app', needApp: true, lazyApps: true });
  await rig.start();
  await rig.until(() => rig.events.some(({ type }) => type === 'app-missing'));
});

test('lazy-apps loads the app in every worker', async () => {
  await using rig = await startRig({ module: 'names', lazyApps: true }, { processes: 2 });
  const pids = rig.server.workers.map(({ pid }) => pid);
  for (const pid of pids)
    await rig.line(
      new RegExp(
        `^WSGI app 0 \\(mountpoint=''\\) ready in \\d+ seconds on interpreter 0x[0-9a-f]+ pid: ${pid} \\(default app\\)$`,
      ),
    );
  assert.equal((await rig.get({ SCRIPT_NAME: '' })).status, 200);
});

/** Ways to name an app, and what it answers. */
const sources: [AppSource, RegExp][] = [
  [{ module: 'names' }, /^\['names', \['uwsgi'\]/],
  [{ module: 'package.names' }, /^\['package\.names'/],
  [{ module: 'names:other' }, /^other$/],
  [{ module: 'names', callable: 'other' }, /^other$/],
  [{ module: 'names:make()' }, /^made$/],
  [{ module: 'names:Holder.app' }, /^other$/],
  [{ wsgiFile: join(APPS, 'names.py') }, /^\['uwsgi_file_[\w-]+_fixtures_apps_names'/],
  [{ wsgiFile: join(APPS, 'names.py'), callable: 'other' }, /^other$/],
  [{ file: join(APPS, 'names.py') }, /uwsgi_file_/],
  [{ eval: 'def application(e, s):\n  s("200 OK", [])\n  return [b"evaluated"]' }, /^evaluated$/],
  [{ module: 'names', pyargv: ['a', 'b'] }, /'uwsgi', 'a', 'b'\]/],
  [{ module: 'alias', moduleAliases: ['alias=names'] }, /^\['names'/],
  [{ module: 'alias', moduleAliases: [`alias=${join(APPS, 'names.py')}`] }, /uwsgi_file_/],
];

for (const [app, answer] of sources) {
  test(`an app can be named by ${JSON.stringify(app).replaceAll(APPS, '').replaceAll('\\n', ' ')}`, async () => {
    await using rig = await startRig(app);
    assert.match((await rig.get({ SCRIPT_NAME: '' })).text, answer, rig.output);
  });
}

test('mounted apps are chosen by SCRIPT_NAME, and by the path with manage-script-name', async () => {
  const app: AppSource = {
    manageScriptName: true,
    mounts: [
      ['/one', 'names:other'],
      ['/two', join(APPS, 'names.py')],
    ],
  };
  await using rig = await startRig(app);
  const lines = rig.lines.filter((line) => /mount/.test(line));
  assert.equal(lines[0], 'mounting names:other on /one');
  assert.match(
    lines[1] ?? '',
    /^WSGI app 0 \(mountpoint='\/one'\) ready in 0 seconds on interpreter 0x[0-9a-f]+ pid: \d+ \(default app\)$/,
  );
  assert.equal(lines[2], `mounting ${join(APPS, 'names.py')} on /two`);
  assert.match(
    lines[3] ?? '',
    /^WSGI app 1 \(mountpoint='\/two'\) ready in 0 seconds on interpreter 0x[0-9a-f]+ pid: \d+$/,
  );
  const one = await rig.get({ SCRIPT_NAME: '', PATH_INFO: '/one/x' });
  assert.equal(one.text, 'other');
  assert.equal(one.record.app, 0);
  const two = await rig.get({ SCRIPT_NAME: '', PATH_INFO: '/two/x/y' });
  assert.match(two.text, /'\/two', '\/x\/y'\]$/);
  assert.equal(two.record.app, 1);
  assert.match((await rig.get({ SCRIPT_NAME: '', PATH_INFO: '/two' })).text, /'\/two', ''\]$/);
  assert.match((await rig.get({ SCRIPT_NAME: '/two', PATH_INFO: '/z' })).text, /'\/two', '\/z'\]$/);
  assert.equal((await rig.get({ SCRIPT_NAME: '', PATH_INFO: '/twofold' })).text, 'other', 'the default app');
});

test('threads and sockets that the app makes at import are named in warnings', async () => {
  await using rig = await startRig({ module: 'starts_thread' });
  assert.match(await rig.line(/threads/), /\(poller\): they do not live on in the workers; see lazy-apps$/);
  assert.match(
    await rig.line(/sockets/),
    /\(descriptor \d+, 127\.0\.0\.1:\d+\): all workers share them; see lazy-apps$/,
  );
});

test('py-autoreload asks for a reload when the file of a module changes', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'autoreload-'));
  const file = join(directory, 'changing.py');
  writeFileSync(file, 'def application(e, s):\n  s("200 OK", [])\n  return []\n');
  {
    await using rig = await startRig({ module: 'changing', pythonpath: [directory], autoReloadSeconds: 0.05 });
    await rig.get();
    const touched = setInterval(() => utimesSync(file, new Date(), new Date()), 20);
    await rig.until(() => rig.events.some(({ type }) => type === 'reload-requested'));
    clearInterval(touched);
    assert.match(rig.output, /^\[uwsgi-python-reloader\] module\/file .*changing\.py has been modified$/m);
  }
  rmSync(directory, { recursive: true });
});

test('limits and processors are set in the Python processes', async () => {
  const app = {
    eval:
      'import os, resource\ndef application(e, s):\n  s("200 OK", [])\n' +
      '  return [repr([resource.getrlimit(resource.RLIMIT_AS), len(os.sched_getaffinity(0))]).encode()]',
  };
  await using rig = await startRig(app, { cpuAffinity: 1, limitAsBytes: 4_000_000_000, hasMaster: false });
  assert.equal((await rig.get()).text, '[(4000000000, 4000000000), 1]');
  assert.match(await rig.line(/^spawned/), /^spawned uWSGI worker 1 \(and the only\) \(pid: \d+, cores: 1\)$/);
});

test('a default timeout that the app sets for its sockets is none of ours', async () => {
  await using rig = await startRig({ module: 'sets_default_timeout' });
  await delay(50); // time itself is what the worker must get over
  assert.equal((await rig.get()).text, 'patient');
  assert.equal(rig.server.workers[0]?.respawnCount, 1);
});

test('the interpreter of a virtualenv is used', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'venv-'));
  execFileSync('python3', ['-m', 'venv', '--without-pip', directory]);
  {
    const app = { eval: 'import sys\ndef application(e, s):\n  s("200 OK", [])\n  return [sys.prefix.encode()]' };
    await using rig = await startRig(app, { interpreter: { virtualenv: directory } });
    assert.equal((await rig.get()).text, directory);
    assert.deepEqual(rig.lines.slice(1, 3), [
      `PEP 405 virtualenv detected: ${directory}`,
      `Set PythonHome to ${directory}`,
    ]);
  }
  rmSync(directory, { recursive: true });
});

test('a virtualenv without interpreter is refused with a sentence', () => {
  assert.throws(
    () => makeRig({}, { interpreter: { virtualenv: '/tmp/no-such-venv' } }),
    /^Error: cannot use the virtualenv "\/tmp\/no-such-venv": there is no bin\/python in it/,
  );
});

test('a missing python3 is a failure with a sentence', async () => {
  await using rig = makeRig({ module: 'names' }, { environment: { PATH: '/nowhere' } });
  const outcome = await rig.server.boot();
  assert.deepEqual(outcome, {
    kind: 'failed',
    reason:
      'cannot start "python3": there is no such program; is Python installed, or is the virtualenv named wrongly?',
  });
});
