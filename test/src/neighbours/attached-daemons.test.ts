import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import test from 'node:test';

import { reloaded, startInstance } from '../instance/project.ts';
import { isAlive } from '../rig/processes.ts';
import { Rig } from '../rig/rig.ts';
import { until } from '../rig/until.ts';
import { needs } from '../run/parts.ts';

/** Sends a line to a UNIX socket; undefined while nobody listens there. */
async function ask(path: string, line: string): Promise<string | undefined> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    socket.write(`${line}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString();
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

test(
  'redis-server and memcached live and end with the vassal they are attached to',
  needs('redis', 'memcached'),
  async (t) => {
    // memcached leaves its socket, as it does everywhere.
    await using rig = Rig.open(t, { mayLeave: /^memcached\.sock$/ });
    const { vassal } = await startInstance(rig, [
      `attach-daemon = redis-server --port 0 --unixsocket ${rig.path('redis.sock')} --save "" --pidfile ${rig.path('redis.pid')}`,
      `attach-daemon = memcached ${process.getuid?.() === 0 ? '-u root ' : ''}-s ${rig.path('memcached.sock')}`,
    ]);
    const redisAnswers = (): Promise<boolean> =>
      ask(rig.path('redis.sock'), 'PING').then((answer) => answer === '+PONG\r\n');
    await until('redis answers', redisAnswers);
    await until('memcached answers', () => ask(rig.path('memcached.sock'), 'version'));
    const mark = vassal.log.lines.length;
    vassal.signal('SIGHUP');
    await vassal.waitForLog(reloaded, mark);
    await vassal.waitForLog(/^\[uwsgi-daemons\] spawning "redis-server /, mark);
    await until('redis answers after the reload', redisAnswers);
    await vassal.stop();
    assert.deepEqual(rig.processes(), []);
  },
);

test('a redis-server that goes to the background is kept over a restart of the vassal', needs('redis'), async (t) => {
  await using rig = Rig.open(t);
  const lines = [
    `smart-attach-daemon = redis.pid redis-server --daemonize yes --port 0 --unixsocket ${rig.path('redis.sock')} --save "" --pidfile ${rig.path('redis.pid')}`,
  ];
  const { vassal } = await startInstance(rig, lines);
  await vassal.waitForLog(/^\[uwsgi-daemons\] found changed pid for "redis-server /);
  const pid = Number.parseInt(readFileSync(rig.path('redis.pid'), 'latin1'), 10);
  await vassal.stop();
  assert.equal(isAlive(pid), true);
  const { vassal: next } = await startInstance(rig, lines);
  await next.waitForLog(
    new RegExp(`^\\[uwsgi-daemons\\] found valid/active pidfile for "redis-server .*" \\(pid: ${pid}\\)$`),
  );
  await next.stop();
  process.kill(pid, 'SIGTERM');
  await until('redis has removed its socket', () => !existsSync(rig.path('redis.sock')) && !isAlive(pid));
});
