import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';

import type { EmperorSettings } from '../settings.ts';
import { Realm, SETTINGS } from '../testing/realm.ts';
import type { SocketSources } from './socket-chooser.ts';

const NAME = 'serves-its-stdin.ini';

function withSockets(sockets: Partial<SocketSources>): Partial<EmperorSettings> {
  return { seeds: { ...SETTINGS.seeds, sockets: { ...SETTINGS.seeds.sockets, ...sockets } } };
}

/** A realm whose one vassal asks for the socket `a.socket` in its own file. */
async function asking(key: 'on-demand' | 'hold', settings: Partial<EmperorSettings> = {}): Promise<[Realm, string]> {
  const realm = new Realm(settings);
  const socket = join(realm.directory, 'a.socket');
  realm.put(NAME, `[uwsgi]\nmaster = true\n\n[emperor]\n${key} = ${socket}\n`);
  await realm.emperor.start();
  return [realm, socket];
}

/** Connects, says a word, and hears which process answers. */
async function say(path: string, word: string): Promise<number> {
  const client = connect(path).setEncoding('utf8');
  client.write(word);
  let text = '';
  for await (const chunk of client) text += String(chunk);
  return Number(text);
}

test('a vassal on demand costs no process until somebody connects, and again when it was idle', async () => {
  const [started, socket] = await asking('on-demand');
  await using realm = started;
  assert.equal((await realm.event('vassal-waiting', NAME)).address, socket);
  assert.deepEqual(realm.story(NAME), ['waiting']);
  const first = await say(socket, 'hello');
  assert.equal(realm.pid(NAME), first);
  assert.equal(await say(socket, 'idle'), first);
  const { next, failures } = await realm.event('vassal-exited', NAME);
  assert.deepEqual([next, failures], ['waiting', 0]);
  assert.notEqual(await say(socket, 'hello'), first);
});

test('a connection to a vassal on demand that has just crashed is answered by the next one', async () => {
  const [started, socket] = await asking('on-demand');
  await using realm = started;
  const first = await say(socket, 'crash');
  const answers = await Promise.all([say(socket, 'hello'), say(socket, 'hello')]);
  assert.deepEqual(new Set(answers).size, 1);
  assert.notEqual(answers[0], first);
  assert.equal((await realm.event('vassal-exited', NAME)).next, 'cursed');
});

test('a vassal whose socket is held runs at once, and no connection is refused while it is replaced', async () => {
  const [started, socket] = await asking('hold', { throttle: { baseDelayMs: 300, maximumDelayMs: 300 } });
  await using realm = started;
  const { pid } = await realm.event('vassal-ready', NAME);
  assert.equal(await say(socket, 'crash'), pid);
  await realm.event('vassal-exited', NAME);
  assert.notEqual(await say(socket, 'hello'), pid);
});

test('a vassal that gets a socket by an edit is started anew with it, and one that loses it without', async () => {
  await using realm = await Realm.start(['well-behaved.ini']);
  await realm.event('vassal-loyal', 'well-behaved.ini');
  const socket = join(realm.directory, 'a.socket');
  realm.put('well-behaved.ini', `[emperor]\non-demand = ${socket}\n`);
  await realm.event('vassal-waiting', 'well-behaved.ini');
  assert.ok(existsSync(socket));
  const mark = realm.mark;
  realm.put('well-behaved.ini');
  await realm.event('vassal-loyal', 'well-behaved.ini', mark);
  assert.ok(!existsSync(socket));
});

test('a vassal on demand that is removed takes its socket with it', async () => {
  const [started, socket] = await asking('on-demand');
  await using realm = started;
  realm.remove(NAME);
  await realm.event('vassal-removed', NAME);
  assert.ok(!existsSync(socket));
});

test('an emperor that hands its sockets on leaves those of vassals that wait for a connection', async () => {
  const [started, socket] = await asking('on-demand');
  await using realm = started;
  await realm.event('vassal-waiting', NAME);
  await realm.emperor.leave('SIGUSR2', true);
  assert.ok(existsSync(socket));
  assert.equal((await realm.event('emperor-leaving')).vassals, 0);
});

test('an emperor finds the address in the file with emperor-on-demand-extension, and says when an edit is not read yet', async () => {
  await using realm = new Realm(withSockets({ extension: '.sock' }));
  const socket = join(realm.directory, 'a.socket');
  realm.put(NAME);
  realm.put(`${NAME}.sock`, `${socket}\n`);
  realm.put('well-behaved.ini');
  await realm.emperor.start();
  await realm.event('vassal-loyal', 'well-behaved.ini');
  realm.touch(NAME);
  await realm.event('vassal-updated', NAME);
  assert.ok((await say(socket, 'hello')) > 0);
});

test('an emperor makes sockets in emperor-on-demand-directory', async () => {
  await using realm = new Realm({ patterns: ['sites/*.ini'] });
  await using other = new Realm(withSockets({ directory: realm.directory }));
  other.put(NAME);
  await other.emperor.start();
  assert.ok((await say(join(realm.directory, 'serves-its-stdin.socket'), 'hello')) > 0);
});

test('an emperor asks emperor-on-demand-exec, and starts at once what it gets no address for', async () => {
  await using realm = new Realm(withSockets({ command: `[ "$1" = ${NAME} ] || exit 3; echo /tmp/$$; #` }));
  realm.put(NAME);
  realm.put('well-behaved.ini');
  await realm.emperor.start();
  const { address } = await realm.event('vassal-waiting', NAME);
  assert.ok((await say(address, 'hello')) > 0);
  await realm.event('vassal-loyal', 'well-behaved.ini');
  assert.match((await realm.event('attribute-problem')).problem, /emperor-on-demand-exec failed for well-behaved\.ini/);
});

test('a socket that cannot be opened is a failure of its vassal, tried again', async () => {
  await using realm = new Realm();
  realm.put('never-ready.ini', '[emperor]\non-demand = /no/such/directory/a.socket\n');
  await realm.emperor.start();
  const { exit, next } = await realm.event('vassal-exited', 'never-ready.ini');
  assert.equal(next, 'cursed');
  assert.match(
    exit.kind === 'launch-failed' ? exit.problem : '',
    /could not listen on "\/no\/such\/directory\/a\.socket"/,
  );
});

test('an emperor names what it does not understand in its section', async () => {
  await using realm = new Realm();
  realm.put('well-behaved.ini', '[emperor]\non-demnd = :80\n');
  await realm.emperor.start();
  assert.match(
    (await realm.event('attribute-problem')).problem,
    /:2: there is no "on-demnd" in \[emperor\], only on-demand, idle, hold, after, /,
  );
});

test('an emperor in tyrant mode gives nobody a socket they could not open themselves', async () => {
  await using realm = new Realm(withSockets({ isTyrant: true }));
  realm.put('well-behaved.ini', '[emperor]\nhold = 127.0.0.1:80\n');
  await realm.emperor.start();
  assert.match((await realm.event('attribute-problem')).problem, /not given the socket "127\.0\.0\.1:80"/);
  await realm.event('vassal-loyal', 'well-behaved.ini');
});
