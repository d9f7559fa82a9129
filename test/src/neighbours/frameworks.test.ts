import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { header } from '../rig/answer.ts';
import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { debianPython, needs } from '../run/parts.ts';
import { workerSpawned } from '../tutorial/expect.ts';
import { layOutProject, replaceApp } from '../tutorial/project.ts';

/** An app in a virtualenv that sees Debian's packages. */
async function startInVirtualenv(rig: Rig, app: string): Promise<number> {
  layOutProject(rig);
  replaceApp(rig, app);
  execFileSync(debianPython, ['-m', 'venv', '--system-site-packages', '--without-pip', rig.path('venv')]);
  const port = await rig.port();
  rig.write(
    'uwsgi.ini',
    `[uwsgi]
strict = true
master = true
http-socket = 127.0.0.1:${port}
virtualenv = venv
processes = 2
threads = 2
pythonpath = code/
module = app
need-app = true
`,
  );
  const vassal = await rig.vassal(['--ini', 'uwsgi.ini']);
  await vassal.waitForLog(workerSpawned);
  return port;
}

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

test('Flask says hello', needs('flask', 'venv'), async (t) => {
  await using rig = Rig.open(t);
  const port = await startInVirtualenv(rig, 'flask_hello');
  const answer = await ask(port, 'GET /');
  assert.equal(answer.body.toString(), '<p>Hello, World!</p>');
  assert.equal(header(answer, 'Content-Type'), 'text/html; charset=utf-8');
  assert.equal(header(answer, 'Content-Length'), '20');
  assert.equal((await ask(port, 'HEAD /')).status, 200);
  assert.equal((await ask(port, 'GET /nowhere')).statusLine, 'HTTP/1.1 404 NOT FOUND');
  const posted = await ask(port, 'POST /form', form, 'name=Ada%20L.');
  assert.deepEqual(JSON.parse(posted.body.toString()), { name: 'Ada L.', scheme: 'http', host: 'localhost' });
});

test('Django says hello', needs('django', 'venv'), async (t) => {
  await using rig = Rig.open(t);
  const port = await startInVirtualenv(rig, 'django_hello');
  const answer = await ask(port, 'GET /');
  assert.equal(answer.body.toString(), 'Hello, World!');
  assert.equal(header(answer, 'Content-Type'), 'text/html; charset=utf-8');
  assert.equal((await ask(port, 'GET /nowhere')).status, 404);
  const posted = await ask(port, 'POST /form', form, 'name=Ada%20L.');
  assert.deepEqual(JSON.parse(posted.body.toString()), { name: 'Ada L.', scheme: 'http', host: 'localhost' });
  assert.equal((await ask(port, 'POST /form', { ...form, Host: 'elsewhere' }, 'name=x')).status, 400);
  assert.equal((await ask(port, 'GET /fail')).status, 500);
});
