import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { LogTargetError } from './log-target.ts';
import { openLogs } from './open-logs.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'emperor-log-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function read(name: string): string {
  return readFileSync(path.join(directory, name), 'utf8');
}

test('openLogs makes a missing directory and says so', async () => {
  const logs = openLogs({ logger: ['file:logs/u.log'], 'req-logger': ['file:logs/r.log'] }, directory);
  assert.deepEqual(logs.notices, [`created the directory ${directory}/logs for the log u.log`]);
  logs.messages.line('message');
  logs.requests.byteLine('request');
  await logs.close();
  assert.equal(read('logs/u.log'), 'message\n');
  assert.equal(read('logs/r.log'), 'request\n');
});

test('openLogs sends both kinds of lines to the logger when there is no req-logger', async () => {
  const logs = openLogs({ logger: ['file:u.log'] }, directory);
  logs.messages.line('message');
  logs.requests.byteLine('request');
  await logs.close();
  assert.equal(read('u.log'), 'message\nrequest\n');
});

test('openLogs has the encoders and routes of messages for request lines when there is no req-logger', async () => {
  const options = {
    logger: ['file:u.log', 'get file:get.log'],
    'log-route': ['get GET'],
    'log-encoder': ['prefix M '],
    'log-req-encoder': ['prefix R '],
    'log-req-route': ['get POST'],
  };
  const logs = openLogs(options, directory);
  logs.requests.byteLine('GET /');
  logs.requests.byteLine('POST /');
  await logs.close();
  assert.equal(read('u.log'), 'M POST /\n');
  assert.equal(read('get.log'), 'M GET /\n');
});

test('openLogs routes lines to named loggers by pattern, and the others to the unnamed', async () => {
  const logs = openLogs(
    {
      logger: ['file:all.log', 'errs file:errs.log', 'two file:two.log'],
      'log-route': ['errs spawned', 'two worker'],
      'log-drain': ['secret'],
      'log-encoder': ['prefix:errs E '],
    },
    directory,
  );
  for (const text of ['spawned master', 'spawned worker', 'else', 'a secret worker']) logs.messages.line(text);
  await logs.close();
  assert.equal(read('all.log'), 'else\n');
  assert.equal(read('errs.log'), 'E spawned master\nE spawned worker\n');
  assert.equal(read('two.log'), 'spawned worker\n');
});

test('openLogs puts log-prefix and log-date before messages, not before requests', async () => {
  const logs = openLogs({ logger: ['u.log'], logdate: '%Y T', 'log-prefix': 'PRE' }, directory);
  logs.messages.line('message');
  logs.printed.line('printed by the app');
  logs.requests.byteLine('request');
  await logs.close();
  assert.equal(read('u.log'), `PRE ${new Date().getFullYear()} T - message\nprinted by the app\nrequest\n`);
});

test('openLogs empties the file that stands for stderr where log-truncate asks for it, and no logger', async () => {
  for (const name of ['main.log', 'logger.log']) writeFileSync(path.join(directory, name), 'old\n');
  for (const options of [{ logto: 'main.log' }, { logger: ['file:logger.log'] }]) {
    const logs = openLogs({ ...options, 'log-truncate': true }, directory);
    logs.messages.line('new');
    logs.printed.line('printed');
    await logs.close();
  }
  assert.equal(read('main.log'), 'new\nprinted\n');
  assert.equal(read('logger.log'), 'old\nnew\nprinted\n');
});

test('openLogs moves a file away when it has outgrown log-maxsize', async () => {
  const logs = openLogs(
    { logger: ['u.log'], 'log-maxsize': 100, 'log-backupname': path.join(directory, 'u.old') },
    directory,
  );
  logs.messages.line('x'.repeat(150));
  logs.flushSync();
  logs.messages.line('after');
  logs.flushSync();
  await logs.close();
  assert.match(read('u.old'), /^x{150}\n.* - logsize: 151, triggering rotation to .*u\.old\.\.\.\n$/);
  assert.equal(read('u.log'), 'after\n');
});

test('openLogs goes on in a new file after reopen and rotate', async () => {
  const logs = openLogs({ logger: ['u.log'] }, directory);
  logs.messages.line('one');
  logs.flushSync();
  renameSync(path.join(directory, 'u.log'), path.join(directory, 'u.1'));
  logs.reopen();
  logs.messages.line('two');
  logs.rotate();
  logs.messages.line('three');
  await logs.close();
  assert.equal(read('u.1'), 'one\n');
  assert.equal(read('u.log'), 'three\n');
  const rotated = readdirSync(directory).find((name) => /^u\.log\.\d+$/.test(name)) ?? assert.fail('no rotated file');
  assert.equal(read(rotated), 'two\n');
});

test('openLogs refuses what it cannot open, in one sentence', () => {
  assert.throws(
    () => openLogs({ logger: ['file:/proc/nothing/u.log'] }, directory),
    (error: unknown) =>
      error instanceof LogTargetError && error.message.startsWith('cannot open the log file /proc/nothing/u.log: '),
  );
});

test('openLogs refuses patterns and encoders that cannot be used', () => {
  const logger = ['file:u.log', 'a file:a.log'];
  assert.throws(() => openLogs({ logger, 'log-route': ['a ('] }, directory), LogTargetError);
  assert.throws(() => openLogs({ logger, 'log-encoder': ['gzip'] }, directory), LogTargetError);
  assert.throws(() => openLogs({ logger: ['syslog:app,nothing'] }, directory), LogTargetError);
});

test('openLogs goes on when a target is full, and says so once where it can be read', async () => {
  const stderr = runChild('file:/dev/full');
  assert.equal(stderr.match(/cannot write to the log \/dev\/full: ENOSPC/g)?.length, 1);
});

test('openLogs is not held up by a FIFO that nobody reads', async () => {
  execFileSync('mkfifo', [path.join(directory, 'fifo')]);
  const readEnd = openSync(path.join(directory, 'fifo'), constants.O_RDONLY | constants.O_NONBLOCK);
  const logs = openLogs({ logger: ['file:fifo'] }, directory);
  for (let i = 0; i < 2000; i++) logs.messages.line('x'.repeat(100));
  const closing = logs.close();
  const began = performance.now();
  await new Promise(setImmediate);
  assert.ok(performance.now() - began < 500);
  await closing;
  closeSync(readEnd);
});

const CHILD = `
  const { openLogs } = await import(process.argv[1]);
  const logs = openLogs({ logger: process.argv[2] === '' ? [] : [process.argv[2]] }, process.argv[3]);
  for (let i = 0; i < 5000; i++) logs.messages.line('line ' + i);
  setTimeout(() => { logs.messages.line('last'); process.exit(0); }, 8);
`;

function runChild(target: string): string {
  const module = new URL('open-logs.js', import.meta.url).href;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', CHILD, module, target, directory], {
    encoding: 'utf8',
  });
  return stderr;
}

test('openLogs loses no line of a file, nor their order, when the process exits at once', () => {
  runChild('file:u.log');
  const expected = [...Array.from({ length: 5000 }, (_, i) => `line ${i}`), 'last', ''].join('\n');
  assert.equal(read('u.log'), expected);
});

test('openLogs loses no line of stderr when the process exits at once', () => {
  assert.equal(runChild('').split('\n').length, 5002);
});

test('logfile-chmod and logfile-chown are applied to log files', { skip: process.getuid?.() !== 0 }, async () => {
  const options = { logger: ['file:u.log'], 'logfile-chmod': 0o604, 'logfile-chown': true };
  const logs = openLogs(options, directory, { uid: 65534, gid: 65534 });
  await logs.close();
  const { mode, uid, gid } = statSync(path.join(directory, 'u.log'));
  assert.deepEqual([mode & 0o777, uid, gid], [0o604, 65534, 65534]);
});
