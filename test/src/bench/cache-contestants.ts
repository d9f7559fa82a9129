import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';

import { ask } from '../rig/http-client.ts';
import type { Rig, StartOptions } from '../rig/rig.ts';
import { realUwsgiEnvironment, repository, subject } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { debianPython } from '../run/parts.ts';
import type { Contestant, Server } from './row.ts';

async function serving(
  rig: Rig,
  name: string,
  command: readonly string[],
  options: StartOptions,
  path: string,
): Promise<Server> {
  const port = await rig.port();
  const program = await rig.start([...command, '--http-socket', `127.0.0.1:${port}`], options);
  await until(`${name} serves ${path}`, async () => {
    if (program.exit !== undefined) throw new Error(`${program.title} ended:\n${program.log.tail()}`);
    return (await ask(port, `GET ${path}`).catch(() => undefined))?.status === 200;
  });
  return { port, program };
}

function startLoop(
  rig: Rig,
  name: string,
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Server> {
  rig.write(`${name}/empty`, '');
  cpSync(`${repository}test/fixtures/apps/cache_loop.py`, rig.path(name, 'app.py'));
  const args = ['--master', '--disable-logging', '--wsgi-file', 'app.py', '--cache2', 'name=c,items=100'];
  return serving(rig, name, [...command, ...args], { workingDirectory: name, environment }, '/');
}

/** All on the same Python, Debian's. */
function ours(rig: Rig, name: string): string[] {
  execFileSync(debianPython, ['-m', 'venv', '--without-pip', rig.path(`${name}-venv`)]);
  return [...subject.vassal, '--virtualenv', rig.path(`${name}-venv`)];
}

/** A Python loop that gets 1 KB: from our cache, from uWSGI's shared memory, and from memcached over a socket. */
export const cacheLoops: readonly Contestant[] = [
  { name: 'ours', needs: ['venv'], start: (rig) => startLoop(rig, 'ours', ours(rig, 'ours'), subject.environment) },
  { name: 'uWSGI', needs: ['uwsgi'], start: (rig) => startLoop(rig, 'uwsgi', ['uwsgi'], realUwsgiEnvironment) },
  {
    name: 'memcached',
    needs: ['memcached', 'venv'],
    start: async (rig) => {
      const port = await rig.port();
      const user = process.getuid?.() === 0 ? ['-u', 'root'] : [];
      await rig.start(['memcached', '-l', '127.0.0.1', '-p', String(port), ...user]);
      return startLoop(rig, 'memcached', ours(rig, 'memcached'), { ...subject.environment, MEMCACHED: String(port) });
    },
  },
];

const PAGE = 'x'.repeat(1024);

/** A page of 1 KB from the cache, and a file of 1 KB. */
export const cachedPages: readonly Contestant[] = [
  {
    name: 'cached page',
    needs: [],
    start: (rig) => {
      const rules = ['--cache2', 'name=pages,items=100', '--add-cache-item', `pages /page.html=${PAGE}`];
      const route = ['--route-run', 'cache:key=${PATH_INFO},name=pages'];
      return startPure(rig, 'cached', [...rules, ...route]);
    },
  },
  {
    name: 'file',
    needs: [],
    start: (rig) => {
      rig.write('file/static/page.html', PAGE);
      return startPure(rig, 'file', ['--check-static', 'static']);
    },
  },
];

/** The router alone: nothing here needs an app. */
function startPure(rig: Rig, name: string, args: readonly string[]): Promise<Server> {
  rig.write(`${name}/empty`, '');
  const command = [...subject.vassal, '--master', '--processes', '0', '--disable-logging', ...args];
  return serving(rig, name, command, { workingDirectory: name, environment: subject.environment }, '/page.html');
}
