import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { LAUNCHER, Run } from '../testing/run.ts';

const FIXTURES = fileURLToPath(new URL('../../../../packages/emperor/fixtures/', import.meta.url));

let root: string;
let run: Run | undefined;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'emperor-admin-')));
});

afterEach(async () => {
  await run?.stop('SIGTERM');
  run = undefined;
  rmSync(root, { recursive: true, force: true });
});

/** An emperor whose vassals all run this fixture. */
async function rule(fixture: string, event: string, ...names: string[]): Promise<Run> {
  for (const name of names) writeFileSync(join(root, name), '[uwsgi]\n');
  const started = new Run(root, '--glob', '*.ini', '--emperor-wrapper', `${FIXTURES}${fixture}.sh`);
  run = started;
  await Promise.all(names.map((name) => started.event(event, name)));
  return started;
}

/** Runs one command to its end. */
async function command(...args: string[]): Promise<{ code: number; text: string; complaint: string }> {
  const child = spawn(LAUNCHER, [...args, '--runtime-dir', join(root, 'run')]);
  let [text, complaint] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, text, complaint };
}

test('emperor status shows every vassal, and with a name everything about it', async () => {
  await rule('well-behaved', 'vassal-loyal', 'a.ini', 'b.ini');
  const table = await command('status');
  assert.equal(table.code, 0);
  assert.deepEqual(
    table.text.split('\n').map((line) => line.split(/ +/).slice(0, 2)),
    [['VASSAL', 'STATE'], ['a.ini', 'loyal'], ['b.ini', 'loyal'], ['']],
  );
  const page = await command('status', 'a.ini');
  assert.match(page.text, /^a\.ini\n {2}state {8}loyal, for \d+s\n/);
  assert.match(page.text, /started with --ini a\.ini/);
  const json = JSON.parse((await command('status', '--json')).text) as { pid: number; vassals: { name: string }[] };
  assert.equal(json.pid, run?.process.pid);
  assert.deepEqual(
    json.vassals.map(({ name }) => name),
    ['a.ini', 'b.ini'],
  );
});

test('the socket of the commands is for nobody else', async () => {
  await rule('well-behaved', 'vassal-loyal', 'a.ini');
  assert.equal(statSync(join(root, 'run/emperor.sock')).mode & 0o777, 0o600);
});

test('emperor reload, restart, stop and start wait for the outcome', async () => {
  const started = await rule('well-behaved', 'vassal-loyal', 'a.ini');
  const { pid } = await started.event('vassal-launched');
  const reload = await command('reload', 'a.ini');
  assert.deepEqual([reload.code, /^a\.ini has reloaded in \d+ ms\n$/.test(reload.text)], [0, true], reload.text);
  assert.equal((await command('restart', 'a')).code, 0);
  const launched = started.lines.filter(({ event }) => event === 'vassal-launched');
  assert.equal(launched.length, 2);
  assert.notEqual(launched[1]?.pid, pid);
  const stop = await command('stop', 'a.ini');
  assert.match(stop.text, /^a\.ini stopped after \d+ ms\n$/);
  assert.match((await command('status')).text, /a\.ini +stopped/);
  assert.match((await command('reload', 'a.ini')).text, /is stopped; start it/);
  assert.equal((await command('start', 'a.ini')).code, 0);
  assert.match((await command('start', 'a.ini')).text, /runs already/);
});

test('emperor start of one that does not come up says why, and ends with 1', async () => {
  await rule('exits-at-once', 'vassal-exited', 'a.ini');
  const { code, text } = await command('start', 'a.ini');
  assert.deepEqual([code, text], [1, 'a.ini did not come up: exit status 1\n  | no such module: nomod\n']);
});

test('emperor reload of one that refuses its configuration says why, and ends with 1', async () => {
  await rule('refuses-reload', 'vassal-ready', 'a.ini');
  const { code, text } = await command('reload', 'a.ini');
  assert.equal(code, 1);
  assert.match(text, /^a\.ini refused its new configuration and goes on with the old one\n/);
});

test('commands without an emperor, with unknown or ambiguous names, say what to do', async () => {
  const alone = await command('status');
  assert.deepEqual([alone.code, alone.text], [1, '']);
  assert.match(alone.complaint, /^emperor: could not reach an emperor at ".*": none runs with this runtime directory/);
  await rule('well-behaved', 'vassal-loyal', 'a1.ini', 'a2.ini');
  assert.match((await command('reload', 'b')).complaint, /there is no vassal "b"/);
  assert.match((await command('reload', 'a')).complaint, /"a" could be 2 vassals; say which: a1\.ini a2\.ini/);
  assert.match((await command('reload')).complaint, /name the vassal to reload/);
  const misspelt = await command('stattus');
  assert.deepEqual([misspelt.code, /did you mean "emperor status"\?/.test(misspelt.complaint)], [2, true]);
  const misused = await command('status', '--jason');
  assert.deepEqual([misused.code, /there is no option "--jason" here/.test(misused.complaint)], [2, true]);
});

test('emperor logs prints what vassals wrote, and with -f what they go on to write', async () => {
  await rule('well-behaved', 'vassal-loyal', 'a.ini', 'b.ini');
  assert.match((await command('logs', 'a.ini')).text, /^\S+ \S+ started with --ini a\.ini\n/);
  assert.match((await command('logs', '-n', '100')).text, /^\S+ \S+ b\.ini \| started with --ini b\.ini$/m);
  const following = spawn(LAUNCHER, ['logs', 'a.ini', '-f', '-n', '1', '--runtime-dir', join(root, 'run')]);
  const ended = once(following, 'close') as Promise<[number]>;
  const lines = createInterface(following.stdout)[Symbol.asyncIterator]();
  assert.match((await lines.next()).value ?? '', /started with/);
  const restarted = command('restart', 'a.ini');
  assert.match((await lines.next()).value ?? '', /started with/);
  await restarted;
  await run?.stop('SIGTERM');
  assert.equal((await ended)[0], 0);
});

test('emperor events tells what happened to one or all, as text or JSON', async () => {
  await rule('well-behaved', 'vassal-loyal', 'a.ini', 'b.ini');
  const text = (await command('events', 'a.ini')).text;
  assert.match(text, /info {2}\[emperor\] starting vassal a\.ini/);
  assert.doesNotMatch(text, /b\.ini/);
  const lines = (await command('events', '--json')).text.trim().split('\n');
  const names = lines.map((line) => (JSON.parse(line) as { event: string }).event);
  assert.ok(names.includes('emperor-started') || names.includes('vassal-launched'), names.join(' '));
});

test('emperor wait waits for one that is yet to appear, and says why one does not come up', async () => {
  await rule('well-behaved', 'vassal-loyal', 'a.ini');
  assert.match((await command('wait', 'a.ini')).text, /^a\.ini accepts requests\n$/);
  assert.match(
    (await command('wait', 'a', '--ready', '5')).text,
    /^a\.ini accepts requests\n$/,
    'by a part of its name',
  );
  const waiting = command('wait', 'late.ini', '--ready', '25');
  writeFileSync(join(root, 'late.ini'), '[uwsgi]\n');
  assert.deepEqual(await waiting, { code: 0, text: 'late.ini accepts requests\n', complaint: '' });
  const never = await command('wait', 'never.ini', '--ready', '0.1');
  assert.deepEqual([never.code, never.text.startsWith('never.ini has not appeared within')], [1, true]);
  assert.match((await command('wait', 'a.ini', '--ready', 'soon')).complaint, /--ready takes a number/);
});

test('emperor completion knows commands and the vassals that run', async () => {
  await rule('well-behaved', 'vassal-loyal', 'a.ini');
  assert.equal((await command('completion', '--names')).text, 'a.ini\n');
  const script = (await command('completion', 'bash')).text;
  const shell = spawn('bash', ['--norc'], { stdio: ['pipe', 'pipe', 'inherit'] });
  shell.stdin.end(`${script}\nCOMP_WORDS=(emperor rest) COMP_CWORD=1; _emperor; echo "\${COMPREPLY[@]}"\n`);
  assert.equal(((await once(shell.stdout, 'data')) as [Buffer])[0].toString(), 'restart\n');
});
