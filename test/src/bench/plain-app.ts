import { mkdirSync } from 'node:fs';

import { ask } from '../rig/http-client.ts';
import type { Rig } from '../rig/rig.ts';
import { realUwsgiEnvironment, subject } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { virtualenv } from './contestants.ts';
import type { Contestant, Server } from './row.ts';

/** What `/slow` takes. */
export const SLOW_MS = 500;

/** Says which process answers; a body is read to its end. IMPORT_SECONDS is what the import takes. */
const APP = `
import os, time
time.sleep(float(os.environ.get('IMPORT_SECONDS', '0')))

def application(environ, start_response):
    environ['wsgi.input'].read()
    if environ['PATH_INFO'] == '/slow':
        time.sleep(${SLOW_MS / 1000})
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [str(os.getpid()).encode()]
`;

/** How the contestants run the app. */
export interface PlainAppOptions {
  readonly processes: number;
  readonly importSeconds?: number;
  /** uWSGI takes part once more, behind its http router. */
  readonly withRouter?: boolean;
}

type CommandFor = (address: string, processes: string) => readonly string[];

const APP_OPTIONS = ['--module', 'app', '--disable-logging'];

function uwsgiOn(listener: '--http' | '--http-socket'): CommandFor {
  return (address, processes) => ['uwsgi', '--master', listener, address, '--processes', processes, ...APP_OPTIONS];
}

type Entry = readonly [name: string, needs: Contestant['needs'], command: (rig: Rig) => CommandFor];

const ENTRIES: readonly Entry[] = [
  [
    'ours',
    [],
    (rig) => (address, processes) => {
      const options = ['--master', '--http-socket', address, '--processes', processes, '--virtualenv', virtualenv(rig)];
      return [...subject.vassal, ...options, ...APP_OPTIONS];
    },
  ],
  ['uWSGI', ['uwsgi'], () => uwsgiOn('--http-socket')],
  [
    'gunicorn',
    ['gunicorn'],
    () => (address, processes) => ['gunicorn', '--bind', address, '--workers', processes, 'app'],
  ],
];

const ROUTER: Entry = ['uWSGI router', ['uwsgi'], () => uwsgiOn('--http')];

/** The same small app on each server. */
export function plainApp({ processes, importSeconds = 0, withRouter = false }: PlainAppOptions): Contestant[] {
  return [...ENTRIES, ...(withRouter ? [ROUTER] : [])].map(([name, needs, command]) => ({
    name,
    needs,
    start: (rig) => start(rig, name.replace(' ', '-'), command(rig), String(processes), importSeconds),
  }));
}

async function start(
  rig: Rig,
  name: string,
  commandFor: CommandFor,
  processes: string,
  importSeconds: number,
): Promise<Server> {
  mkdirSync(rig.path(name), { recursive: true });
  rig.write(`${name}/app.py`, APP);
  const port = await rig.port();
  const program = await rig.start(commandFor(`127.0.0.1:${port}`, processes), {
    workingDirectory: name,
    environment: { ...realUwsgiEnvironment, ...subject.environment, IMPORT_SECONDS: String(importSeconds) },
  });
  await until(`${name} serves`, async () => (await ask(port, 'GET /').catch(() => undefined))?.status === 200);
  return { port, program };
}
