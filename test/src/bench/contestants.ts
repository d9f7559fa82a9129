import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

import { ask } from '../rig/http-client.ts';
import type { Rig } from '../rig/rig.ts';
import { realUwsgiEnvironment, subject } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { debianPython } from '../run/parts.ts';
import { layOutProject, welcomePage } from '../tutorial/project.ts';
import type { Contestant, Server } from './row.ts';

/** A command that serves the tutorial's project, which lies in its working directory. */
type CommandFor = (address: string) => { command: readonly string[]; environment?: Readonly<Record<string, string>> };

/** Starts a server over a copy of the tutorial's project, and waits until it serves the page. */
export async function startServer(rig: Rig, name: string, commandFor: CommandFor): Promise<Server> {
  mkdirSync(rig.path(name));
  layOutProject(rig, name);
  const port = await rig.port();
  const { command, environment } = commandFor(`127.0.0.1:${port}`);
  const program = await rig.start(command, {
    workingDirectory: name,
    ...(environment === undefined ? {} : { environment }),
  });
  await until(`${name} serves the page`, async () => {
    if (program.exit !== undefined) throw new Error(`${program.title} ended:\n${program.log.tail()}`);
    return (await ask(port, 'GET /').catch(() => undefined))?.body.equals(welcomePage);
  });
  return { port, program };
}

/** Ours runs apps on the Python the peers use: Debian's, through a virtualenv. */
function virtualenv(rig: Rig): string {
  execFileSync(debianPython, ['-m', 'venv', '--without-pip', rig.path('venv')]);
  return rig.path('venv');
}

const app = ['--pythonpath', 'code/', '--module', 'app'];

/** The tutorial's app with two processes each, and no request log: gunicorn writes none either. */
export const tutorialApp: readonly Contestant[] = [
  {
    name: 'ours',
    needs: [],
    start: (rig) =>
      startServer(rig, 'ours', (address) => ({
        command: [
          ...subject.vassal,
          '--master',
          '--disable-logging',
          '--processes',
          '2',
          '--http-socket',
          address,
          '--virtualenv',
          virtualenv(rig),
          ...app,
        ],
        environment: subject.environment,
      })),
  },
  {
    name: 'uWSGI',
    needs: ['uwsgi'],
    start: (rig) =>
      startServer(rig, 'uwsgi', (address) => ({
        command: ['uwsgi', '--master', '--disable-logging', '--processes', '2', '--http-socket', address, ...app],
        environment: realUwsgiEnvironment,
      })),
  },
  {
    name: 'gunicorn',
    needs: ['gunicorn'],
    start: (rig) =>
      startServer(rig, 'gunicorn', (address) => ({
        command: ['gunicorn', '--workers', '2', '--bind', address, '--pythonpath', 'code', 'app:application'],
      })),
  },
];
