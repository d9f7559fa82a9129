import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';

import { ask } from '../rig/http-client.ts';
import type { Rig } from '../rig/rig.ts';
import { realUwsgiEnvironment, repository, subject } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { debianPython, type PartName } from '../run/parts.ts';
import { layOutProject } from '../tutorial/project.ts';
import type { Contestant, Server } from './row.ts';

/** A command that serves an app, which lies below its working directory. */
type CommandFor = (address: string) => { command: readonly string[]; environment?: Readonly<Record<string, string>> };

/** Which app is served, and how. */
export interface AppService {
  /** Module of the app: the tutorial's `app`, or a file in test/fixtures/apps. */
  readonly module?: string;
  /** What the app itself needs. */
  readonly needs?: readonly PartName[];
  /** A line for every request, into a file. Without it nobody logs requests: gunicorn does not by itself. */
  readonly logs?: boolean;
  /** Size of the buffer for a request head and so on: options that ours and uWSGI have alike. */
  readonly options?: readonly string[];
  /** Status of its answers. */
  readonly status?: number;
}

/** Starts a server over a copy of the apps, and waits until it answers. */
export async function startServer(
  rig: Rig,
  name: string,
  commandFor: CommandFor,
  expected: number = 200,
): Promise<Server> {
  mkdirSync(rig.path(name));
  layOutProject(rig, name);
  cpSync(`${repository}test/fixtures/apps`, rig.path(name, 'code'), { recursive: true });
  const port = await rig.port();
  const { command, environment } = commandFor(`127.0.0.1:${port}`);
  const program = await rig.start(command, {
    workingDirectory: name,
    ...(environment === undefined ? {} : { environment }),
  });
  await until(`${name} answers`, async () => {
    if (program.exit !== undefined) throw new Error(`${program.title} ended:\n${program.log.tail()}`);
    return (await ask(port, 'GET /').catch(() => undefined))?.status === expected;
  });
  return { port, program };
}

/** Ours runs apps on the Python the peers use: Debian's, through a virtualenv that sees Debian's packages. */
export function virtualenv(rig: Rig): string {
  execFileSync(debianPython, ['-m', 'venv', '--without-pip', '--system-site-packages', rig.path('venv')]);
  return rig.path('venv');
}

function appOptions({ module = 'app', options = [] }: AppService): readonly string[] {
  return ['--pythonpath', 'code/', '--module', module, ...options];
}

const PROCESSES = ['--master', '--processes', '2'];

/** Ours, uWSGI and gunicorn with two processes each. */
export function appServers(service: AppService = {}): readonly Contestant[] {
  const { needs = [], logs = false, module = 'app', status } = service;
  const logging = logs ? ['--req-logger', 'file:requests.log'] : ['--disable-logging'];
  return [
    {
      name: 'ours',
      needs,
      start: (rig) =>
        startServer(
          rig,
          'ours',
          (address) => ({
            command: [
              ...subject.vassal,
              ...PROCESSES,
              ...logging,
              '--http-socket',
              address,
              '--virtualenv',
              virtualenv(rig),
              ...appOptions(service),
            ],
            environment: subject.environment,
          }),
          status,
        ),
    },
    {
      name: 'uWSGI',
      needs: ['uwsgi', ...needs],
      start: (rig) =>
        startServer(
          rig,
          'uwsgi',
          (address) => ({
            command: ['uwsgi', ...PROCESSES, ...logging, '--http-socket', address, ...appOptions(service)],
            environment: realUwsgiEnvironment,
          }),
          status,
        ),
    },
    {
      name: 'gunicorn',
      needs: ['gunicorn', ...needs],
      start: (rig) =>
        startServer(
          rig,
          'gunicorn',
          (address) => ({
            command: [
              'gunicorn',
              '--workers',
              '2',
              '--bind',
              address,
              '--pythonpath',
              'code',
              ...(logs ? ['--access-logfile', 'requests.log'] : []),
              `${module}:application`,
            ],
          }),
          status,
        ),
    },
  ];
}

/** The tutorial's app, and no request log. */
export const tutorialApp: readonly Contestant[] = appServers();
