import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { assertAnswer } from './expect.ts';
import { layOutProject, listing, startListing, styleSheet, welcomePage } from './project.ts';

test('vassal --ini uwsgi.ini runs the first listing', async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startListing(rig, 'config-file');
  assert.match(vassal.log.lines[0] ?? '', /^\[uWSGI\] getting INI configuration from uwsgi\.ini$/);
  await vassal.waitForLog(/^spawned 1 offload threads for uWSGI worker 1$/);
  assertAnswer(await ask(port, 'GET /'), {
    statusLine: 'HTTP/1.1 200 OK',
    headers: ['Content-Type: text/html'],
    body: welcomePage,
  });
  assert.deepEqual((await ask(port, 'GET /base.css')).body, styleSheet);
});

test('vassal takes an ini file as a bare argument, and options before and behind it', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  const port = await rig.port();
  rig.write('uwsgi.ini', listing('config-file', { 8000: port }));
  const vassal = await rig.vassal(['uwsgi.ini', '--processes', '2']);
  await vassal.waitForLog(/^spawned uWSGI worker 2 /);
  assert.equal((await ask(port, 'GET /')).status, 200);
});

test('a misspelt option under strict ends the start with status 1', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  const port = await rig.port();
  rig.write(
    'uwsgi.ini',
    misspelt(listing('config-file', { 8000: port })).replace('[uwsgi]\n', '[uwsgi]\nstrict = true\n'),
  );
  const vassal = await rig.vassal(['--ini', 'uwsgi.ini']);
  assert.deepEqual(await vassal.waitForExit(), { code: 1, signal: null });
  assert.ok(vassal.log.find(/offload-treads/), vassal.log.tail());
  assert.equal(vassal.log.find(/spawned uWSGI/), undefined);
  await assert.rejects(ask(port, 'GET /'), { code: 'ECONNREFUSED' });
});

test('a misspelt option under strict is shown with its file and line and the right spelling', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  const ini = misspelt(listing('config-file', { 8000: await rig.port() })).replace(
    '[uwsgi]\n',
    '[uwsgi]\nstrict = true\n',
  );
  rig.write('uwsgi.ini', ini);
  const line = ini.split('\n').findIndex((text) => text.startsWith('offload-treads')) + 1;
  const vassal = await rig.vassal(['--ini', 'uwsgi.ini']);
  await vassal.waitForExit();
  assert.ok(vassal.log.find(new RegExp(`uwsgi\\.ini:${line}\\b.*offload-treads`)), vassal.log.tail());
  assert.ok(vassal.log.find(/did you mean.*offload-threads/), vassal.log.tail());
  assert.equal(vassal.log.find(/^\s+at .*:\d+:\d+\)?$/), undefined, 'no stack trace');
});

test('without strict a name of one’s own is a variable for later lines', async (t) => {
  await using rig = Rig.open(t);
  layOutProject(rig);
  const port = await rig.port();
  const ini = listing('config-file', { 8000: port }).replace(
    'pythonpath = code/',
    'sources = code\npythonpath = %(sources)/',
  );
  rig.write('uwsgi.ini', misspelt(ini));
  const vassal = await rig.vassal(['--ini', 'uwsgi.ini']);
  await vassal.waitForLog(/^added code\/ to pythonpath\.$/);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  assert.equal((await ask(port, 'GET /')).status, 200);
  assert.equal(vassal.log.find(/offload threads/), undefined);
});

test('an ini file that is not there ends the start with status 1 and its name', async (t) => {
  await using rig = Rig.open(t);
  const vassal = await rig.vassal(['--ini', 'nothere.ini']);
  assert.deepEqual(await vassal.waitForExit(), { code: 1, signal: null });
  assert.ok(vassal.log.find(/nothere\.ini/), vassal.log.tail());
});

function misspelt(ini: string): string {
  assert.match(ini, /^offload-threads = 1$/m);
  return ini.replace('offload-threads', 'offload-treads');
}
