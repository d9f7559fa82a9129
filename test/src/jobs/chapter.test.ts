import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, repository } from '../rig/subject.ts';
import { needs } from '../run/parts.ts';
import { makeCertificate } from '../tls/certificates.ts';

/** The listings of a chapter of the README, in order. */
function listings(title: string): string[] {
  const [, chapter = ''] = readFileSync(`${repository}README.md`, 'utf8').split(`\n## ${title}\n`);
  const [text = ''] = chapter.split('\n## ');
  return Array.from(text.matchAll(/^```(?:ini|python|sh)\n(.*?)^```$/gms), ([, listing = '']) => listing);
}

const [queue = '', greet = '', , timers = '', crons = ''] = listings('Job queues');
const [daemon = ''] = listings('External daemons');
const [https = ''] = listings('HTTPS');
const [security = ''] = listings('Security');

const hello = `
def application(env, start_response):
    start_response('200 OK', [])
    return [b'hello']
`;

test('the chapters have the listings that are tried here, and none has a mistake', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  for (const [index, listing] of [queue, crons, daemon, https, security].entries()) {
    rig.write(`${index}.ini`, listing);
    const check = await rig.vassal(['check', `${index}.ini`]);
    assert.equal((await check.waitForExit()).code, 0, check.log.lines.join('\n'));
    assert.doesNotMatch(check.log.lines.join('\n'), /warning|error/i);
  }
  assert.match(security, /^uid = www-data$/m);
});

test('Job queues: the answer comes, and then the greetings', async (t) => {
  await using rig = Rig.open(t);
  rig.write('code/app.py', greet);
  const port = await rig.port();
  rig.write('uwsgi.ini', queue.replace(':8000', `127.0.0.1:${port}`));
  const vassal = await rig.vassal(['--ini', 'uwsgi.ini']);
  await vassal.waitForLog(/^spawned uWSGI worker 2 /);
  assert.equal((await ask(port, 'GET /')).body.toString(), '<p>You are being greeted.</p>');
  await vassal.waitForLog(/^\[spooler .*\/jobs pid: \d+\] done with task /);
  assert.equal(vassal.log.all(/^Good day, Curtis$/).length, 2);
});

test('Job queues: functions and commands run by the clock', async (t) => {
  await using rig = Rig.open(t);
  const port = await rig.port();
  rig.write('code/app.py', timers.replace('@timer(30,', '@timer(1,') + hello);
  rig.write('uwsgi.ini', `${queue.replace(':8000', `127.0.0.1:${port}`)}\n${crons.split('\n').at(-2)}\n`);
  const vassal = await rig.vassal(['--ini', 'uwsgi.ini']);
  await vassal.waitForLog(/^refreshing what this worker remembers$/);
  await vassal.waitForLog(/^another minute$/);
});

test('External daemons: a Redis that lives with the app', needs('redis'), async (t) => {
  await using rig = Rig.open(t);
  const port = await rig.port();
  rig.write('code/app.py', hello);
  rig.write('uwsgi.ini', daemon.replace(':8000', `127.0.0.1:${port}`));
  const vassal = await rig.vassal(['--ini', 'uwsgi.ini']);
  await vassal.waitForLog(/The server is now ready to accept connections at redis\.sock/);
});

test('HTTPS: the port without it leads to the one with it', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  makeCertificate(rig, 'localhost');
  const [plain, secure, app] = [await rig.port(), await rig.port(), await rig.port()];
  rig.write(
    'http.ini',
    https
      .replace(':8080', `127.0.0.1:${plain}`)
      .replace(':8443', `127.0.0.1:${secure}`)
      .replace('127.0.0.1:8001', `127.0.0.1:${app}`),
  );
  const vassal = await rig.vassal(['--ini', 'http.ini']);
  await vassal.waitForLog(/^spawned uWSGI http 1 /);
  const answer = await ask(plain, 'GET /tea', { Host: 'tea.example' });
  assert.equal(answer.status, 301);
  assert.deepEqual(
    answer.headers.find(([name]) => name === 'Location'),
    ['Location', 'https://tea.example/tea'],
  );
});
