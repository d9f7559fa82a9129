import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { AppServerRig, type RigSettings } from './testing/app-server-rig.ts';
import { Fifos } from './testing/fifo.ts';

/** The fixture with such a behaviour. */
function behaving(behaviour: RigSettings['behaviour'], more: RigSettings = {}): Promise<AppServerRig> {
  return AppServerRig.started('behaves', { behaviour, ...more } as RigSettings);
}

async function evaluate(rig: AppServerRig, expression: string): Promise<string> {
  return (await rig.get(`/${expression}`)).text;
}

test('optimize, no-site, py-executable and thread-stacksize reach the interpreter', async () => {
  await using rig = await behaving(
    { executable: '/opt/python', threadStackBytes: 524_288 },
    { threads: 2, interpreter: { optimization: 2, importsSite: false } },
  );
  const expression = 'sys.flags.optimize, sys.flags.no_site, sys.executable, threading.stack_size()';
  assert.equal(await evaluate(rig, expression), "(2, 1, '/opt/python', 524288)");
});

test('py-programname is the interpreter', async () => {
  const rig = new AppServerRig({ interpreter: { program: '/no/such/python', virtualenv: '/tmp' } });
  const outcome = await rig.server.boot();
  await rig[Symbol.asyncDispose]();
  assert.equal(outcome.kind, 'failed');
  assert.match(outcome.kind === 'failed' ? outcome.reason : '', /cannot start "\/no\/such\/python"/);
});

test('chdir2 takes the app somewhere when it is loaded', async () => {
  await using rig = await behaving({ directoryAfterLoad: '/usr' });
  assert.equal(await evaluate(rig, 'os.getcwd()'), "'/usr'");
  assert.match(rig.output, /^chdir\(\) to \/usr$/m);
});

test('chdir2 to a directory that is not there is a start that fails', async () => {
  const rig = new AppServerRig({
    app: { module: 'behaves' },
    behaviour: { directoryAfterLoad: '/no/such' },
  });
  await rig.server.boot();
  const outcome = await rig.server.load();
  const { output } = rig;
  await rig[Symbol.asyncDispose]();
  assert.equal(outcome.kind, 'failed');
  assert.match(output, /^cannot chdir2 to "\/no\/such" \(in .*\): No such file or directory\. Make the directory/m);
});

test('shared-import imports a module before the app, whoever loads that', async () => {
  await using rig = await behaving(
    { sharedImports: ['echo', 'no_such_module'] },
    { app: { module: 'behaves', lazyApps: true } },
  );
  assert.equal(await evaluate(rig, '"echo" in sys.modules'), 'True');
  assert.match(rig.output, /ModuleNotFoundError: No module named 'no_such_module'/);
});

test('wsgi-disable-file-wrapper leaves wsgi.file_wrapper out', async () => {
  await using rig = await behaving({ offersFileWrapper: false });
  assert.equal(await evaluate(rig, '"wsgi.file_wrapper" in environ'), 'False');
});

test('reload-os-env brings os.environ in step with what C code has set', async () => {
  for (const [reloadsEnvironment, expected] of [
    [true, "'yes'"],
    [false, 'None'],
  ] as const) {
    await using rig = await behaving({ reloadsEnvironment });
    await evaluate(rig, 'set_in_c(b"FROM_C", b"yes")');
    assert.equal(await evaluate(rig, 'os.environ.get("FROM_C")'), expected);
    assert.equal(await evaluate(rig, '"PATH" in os.environ'), 'True');
  }
});

test('uwsgi.after_req_hook is called after each request', async () => {
  await using rig = await behaving({});
  await rig.get('/1/0');
  assert.equal(await evaluate(rig, 'finished'), '[0]');
});

test('start_response-nodelay sends the head while the app goes on', async () => {
  using fifos = new Fifos();
  await using rig = await behaving({ sendsHeadAtOnce: true });
  const path = fifos.make();
  const exchange = rig.send(`/waits ${path}`);
  const held = await fifos.hold(path);
  while (!exchange.responded) await setImmediate();
  assert.equal(exchange.text, '');
  await held.close();
  await exchange.done;
  assert.equal(exchange.text, 'waited');
});

test('skip-atexit and skip-atexit-teardown leave exit functions out', async () => {
  const left = async (behaviour: RigSettings['behaviour']): Promise<string[]> => {
    await using rig = await behaving(behaviour);
    await rig.stop();
    return rig.output.split('\n').filter((line) => line.endsWith('atexit'));
  };
  assert.deepEqual(await left({}), ['uwsgi.atexit', 'atexit']);
  assert.deepEqual(await left({ skipsTeardown: true }), ['uwsgi.atexit']);
  assert.deepEqual(await left({ skipsExitHook: true }), []);
});

test('reload-on-exception and its kin replace the worker of such an exception, and of no other', async () => {
  const cases: [RigSettings['behaviour'], string, string][] = [
    [{ reloadOnException: true }, 'fail("ValueError", "x")', ''],
    [{ reloadOnExceptionTypes: ['KeyError'] }, 'fail("KeyError", "x")', 'fail("ValueError", "x")'],
    [{ reloadOnExceptionValues: ['gone'] }, 'fail("OSError", "gone")', 'fail("OSError", "away")'],
    [{ reloadOnExceptionReprs: ['OSError: gone'] }, 'fail("OSError", "gone")', 'fail("ValueError", "gone")'],
  ];
  for (const [behaviour, fatal, harmless] of cases) {
    await using rig = await behaving(behaviour);
    const pid = await evaluate(rig, 'os.getpid()');
    if (harmless !== '') assert.equal((await rig.get(`/${harmless}`)).status, 500);
    assert.equal(await evaluate(rig, 'os.getpid()'), pid);
    assert.equal((await rig.get(`/${fatal}`)).status, 500);
    await rig.line(/Respawned uWSGI worker 1/);
    assert.notEqual(await evaluate(rig, 'os.getpid()'), pid);
  }
});

test('py-tracebacker tells who connects what each thread is doing', async () => {
  using fifos = new Fifos();
  const directory = mkdtempSync(join(tmpdir(), 'tracebacker-'));
  try {
    await using rig = await behaving({ tracebackerPath: join(directory, 'tb') });
    const path = fifos.make();
    const exchange = rig.send(`/waits ${path}`);
    const held = await fifos.hold(path);
    const socket = connect(join(directory, 'tb1')).setEncoding('utf8');
    let text = '';
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    await once(socket, 'close');
    assert.match(
      text,
      /^\*\*\* uWSGI Python tracebacker output \*\*\*\n\nthread_id = MainThread filename = .*behaves\.py lineno = \d+ function = application line = /,
    );
    assert.match(text, /function = waits line = /);
    await held.close();
    await exchange.done;
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a module may be a dict of apps by mountpoint', async () => {
  await using rig = await AppServerRig.started('has_many_apps', {
    app: { module: 'has_many_apps', manageScriptName: true },
  });
  const get = async (path: string): Promise<string> => (await rig.get({ PATH_INFO: path, SCRIPT_NAME: '' })).text;
  assert.equal(await get('/x'), 'default  /x');
  assert.equal(await get('/bytes/x'), 'bytes /bytes /x');
  assert.equal(await get('/name'), 'by name /name ');
  assert.match(rig.output, /^found a multiapp module\.\.\.$/m);
});

test('a request may name its app where the behaviour allows it, and is served by it from then on', async () => {
  await using rig = new AppServerRig({ behaviour: { loadsAppsOnDemand: true } });
  await rig.start();
  assert.ok(rig.lines.includes('*** no app loaded. going in full dynamic mode ***'));
  const asking = async (variables: Record<string, string>): Promise<string> => (await rig.get(variables)).text;
  const file = fileURLToPath(new URL('../fixtures/echo.py', import.meta.url));
  assert.equal(await asking({ UWSGI_FILE: '/no/such/file.py' }), 'Internal Server Error');
  assert.equal(await asking({ UWSGI_FILE: file }), 'GET / ');
  assert.equal(await asking({ UWSGI_SCRIPT: 'has_many_apps:by_name', SCRIPT_NAME: '/name' }), 'by name /name /');
  assert.equal(await asking({ SCRIPT_NAME: '/name' }), 'by name /name /');
  assert.equal(
    await asking({ UWSGI_MODULE: 'has_many_apps', UWSGI_CALLABLE: 'by_name', UWSGI_APPID: 'x', SCRIPT_NAME: '' }),
    'by name  /',
  );
  assert.equal(await asking({ UWSGI_APPID: 'x', SCRIPT_NAME: '' }), 'by name  /');
  assert.equal(await asking({ UWSGI_MODULE: 'no_such_module', SCRIPT_NAME: '/broken' }), 'GET / ');
  assert.equal(await asking({}), 'GET / ');
  const told = rig.lines.filter((line) => /^(?:WSGI|unable)/.test(line)).map((line) => line.replace(/ready in.*/, ''));
  assert.deepEqual(told, [
    "unable to load app 0 (mountpoint='') (callable not found or import error)",
    "WSGI app 0 (mountpoint='') ",
    "WSGI app 1 (mountpoint='/name') ",
    "WSGI app 2 (mountpoint='x') ",
    "unable to load app 3 (mountpoint='/broken') (callable not found or import error)",
  ]);
});

test('ignore-script-name, vhost and no-default-app rule which app is chosen', async () => {
  const chosen = async (behaviour: RigSettings['behaviour'], variables: Record<string, string>): Promise<string> => {
    const mounts = [['/name', 'has_many_apps:by_name']] as const;
    const app = behaviour?.hasDefaultApp === false ? { mounts } : { module: 'has_many_apps' };
    await using rig = new AppServerRig({ behaviour, app } as RigSettings);
    await rig.start();
    return (await rig.get({ PATH_INFO: '/', SCRIPT_NAME: '', ...variables })).text;
  };
  assert.equal(await chosen({}, { SCRIPT_NAME: '/name' }), 'by name /name /');
  assert.equal(await chosen({ ignoresScriptName: true }, { SCRIPT_NAME: '/name' }), 'default /name /');
  assert.equal(await chosen({ hostVariable: 'HTTP_HOST' }, { HTTP_HOST: 'a.example' }), 'host  /');
  assert.equal(await chosen({ hostVariable: 'HTTP_HOST' }, { HTTP_HOST: 'b.example' }), 'default  /');
  assert.equal(await chosen({ hasDefaultApp: false }, {}), 'Internal Server Error');
  assert.equal(await chosen({ hasDefaultApp: false }, { SCRIPT_NAME: '/name' }), 'by name /name /');
});
