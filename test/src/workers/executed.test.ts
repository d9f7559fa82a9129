import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { isAlive } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { until } from '../rig/until.ts';

/** Accepts on its standard input, as programs for worker-exec do. */
const PROGRAM = `#!/usr/bin/env python3
import os, socket, sys
listener = socket.socket(fileno=0)
while True:
    connection, _ = listener.accept()
    connection.recv(65536)
    body = b'%d' % os.getpid()
    connection.sendall(b'HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n%b' % (len(body), body))
    connection.close()
`;

async function layOut(rig: Rig, lines: readonly string[]): Promise<number> {
  const port = await rig.port();
  rig.write('program', PROGRAM);
  chmodSync(rig.path('program'), 0o755);
  const head = ['[uwsgi]', 'master = true', `http-socket = 127.0.0.1:${port}`, `worker-exec = ${rig.path('program')}`];
  rig.write('uwsgi.ini', [...head, ...lines, ''].join('\n'));
  return port;
}

async function pidThatAnswers(port: number): Promise<number> {
  return Number((await ask(port, 'GET /')).body.toString());
}

test(
  'worker-exec runs a program that accepts on its standard input, again when it dies, anew at a reload',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t);
    const port = await layOut(rig, []);
    const vassal = await rig.vassal(['uwsgi.ini']);
    const [, spawned] = await vassal.waitForLog(/^spawned uWSGI worker 1 \(pid: (\d+), cores: 1\)$/);
    const first = await pidThatAnswers(port);
    assert.equal(first, Number(spawned));

    process.kill(first, 'SIGKILL');
    await vassal.waitForLog(
      new RegExp(`^DAMN ! worker 1 \\(pid: ${first}\\) died, killed by signal 9 :\\( trying respawn `),
    );
    const [, second] = await vassal.waitForLog(/^Respawned uWSGI worker 1 \(new pid: (\d+)\)$/);
    assert.equal(await pidThatAnswers(port), Number(second));

    vassal.signal('SIGHUP');
    await vassal.waitForLog(/^gracefully \(RE\)spawned uWSGI master process /);
    await until('the program of the old generation is gone', () => !isAlive(Number(second)));
    assert.notEqual(await pidThatAnswers(port), Number(second));
  },
);

test('programs of worker-exec end with a vassal that is killed', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const port = await layOut(rig, ['processes = 2']);
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(/^spawned uWSGI worker 2 /);
  const pid = await pidThatAnswers(port);
  await vassal.stop('SIGKILL');
  await until('the program is gone', () => !isAlive(pid));
});

test('worker-exec needs a socket', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  rig.write('uwsgi.ini', `[uwsgi]\nhttp = 127.0.0.1:${await rig.port()}\nworker-exec = /bin/true\n`);
  const vassal = await rig.vassal(['uwsgi.ini']);
  assert.deepEqual(await vassal.waitForExit(), { code: 1, signal: null });
  assert.ok(
    vassal.log.find(/^worker-exec = \/bin\/true: it accepts connections itself: say where, with socket = ADDRESS$/),
  );
});
