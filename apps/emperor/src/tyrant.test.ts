import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { Run } from './testing/run.ts';

const NOBODY = 65_534;
const DAEMON = 1;

/** Tells who it is, then says that it is up. */
const TELLS = `/bin/sh -c 'echo "is $(id -u) $(id -g) $(id -G)"; printf "\\001\\005" >&3; exec sleep 600'`;

let root: string;
let run: Run;

const notRoot = process.getuid?.() === 0 ? false : 'only root can be a tyrant';

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'emperor-tyrant-')));
  chmodSync(root, 0o755);
});

afterEach(async () => {
  await run.stop('SIGTERM');
  rmSync(root, { recursive: true, force: true });
});

function put(name: string, uid: number, content = '[uwsgi]\n'): void {
  writeFileSync(join(root, name), content);
  chownSync(join(root, name), uid, uid);
}

function tyrant(...args: string[]): Run {
  return new Run(root, '--glob', '*.ini', '--emperor-tyrant', '--emperor-curse-tolerance', '1', ...args);
}

async function told(vassal: string, text: string): Promise<void> {
  await run.until(() => run.lines.some((line) => line.vassal === vassal && line.msg === text));
}

test('a tyrant runs each vassal as the owner of its file, and none of root', { skip: notRoot }, async () => {
  put('a.ini', NOBODY);
  put('b.ini', DAEMON);
  put('root.ini', 0);
  run = tyrant('--emperor-wrapper', TELLS);
  await told('a.ini', `is ${NOBODY} ${NOBODY} ${NOBODY}`);
  await told('b.ini', `is ${DAEMON} ${DAEMON} ${DAEMON}`);
  const { msg } = await run.event('vassal-refused', 'root.ini');
  assert.match(msg, /^\[emperor-tyrant\] invalid permissions for vassal root\.ini: it belongs to root/);
  assert.match(
    (await run.event('vassal-privileges-dropped', 'a.ini')).msg,
    /^\[emperor-tyrant\] dropping privileges to 65534 65534 for instance a\.ini$/,
  );
  assert.ok(!run.lines.some(({ event, vassal }) => event === 'vassal-launched' && vassal === 'root.ini'));
});

test('a tyrant starts a vassal anew as the one who has its file now', { skip: notRoot }, async () => {
  put('a.ini', NOBODY);
  run = tyrant('--emperor-wrapper', TELLS, '--emperor-freq', '1');
  await run.event('vassal-ready', 'a.ini');
  chownSync(join(root, 'a.ini'), DAEMON, DAEMON);
  const { msg } = await run.event('vassal-owner-changed', 'a.ini');
  assert.equal(msg, '!!! permissions of file a.ini changed. stopping the instance... !!!');
  await told('a.ini', `is ${DAEMON} ${DAEMON} ${DAEMON}`);
});

test('a vassal of ours tells a tyrant how it is, from a place of its own', { skip: notRoot }, async () => {
  put('a.ini', NOBODY, '[uwsgi]\nmaster = true\nhttp-socket = 127.0.0.1:0\nprocesses = 0\n');
  run = tyrant('--metrics', '127.0.0.1:0');
  await run.event('vassal-ready', 'a.ini');
  const { url } = await run.event('metrics-listening');
  const status = (await (await fetch(`${url}/status`)).json()) as { vassals: { answering: boolean }[] };
  assert.deepEqual(
    status.vassals.map(({ answering }) => answering),
    [true],
  );
});
