import { mkdirSync } from 'node:fs';

import { ask } from '../rig/http-client.ts';
import type { Rig } from '../rig/rig.ts';
import { realUwsgiEnvironment, subject } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import type { Contestant, Server } from './row.ts';

/** Says which process answers; `/slow` takes half a second; a body is read to its end. IMPORT_SECONDS is what the import takes. */
const APP = `
import os, time
time.sleep(float(os.environ.get('IMPORT_SECONDS', '0')))

def application(environ, start_response):
    environ['wsgi.input'].read()
    if environ['PATH_INFO'] == '/slow':
        time.sleep(0.5)
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [str(os.getpid()).encode()]
`;

/** How the contestants run the app. */
export interface PlainAppOptions {
  readonly processes: number;
  readonly importSeconds?: number;
}

type CommandFor = (address: string, processes: string) => readonly string[];

const COMMANDS: readonly (readonly [name: string, needs: Contestant['needs'], command: CommandFor])[] = [
  [
    'ours',
    [],
    (address, processes) => [...subject.vassal, '--master', '--http-socket', address, '--processes', processes],
  ],
  [
    'uWSGI',
    ['uwsgi'],
    (address, processes) => ['uwsgi', '--master', '--http-socket', address, '--processes', processes],
  ],
  ['gunicorn', ['gunicorn'], (address, processes) => ['gunicorn', '--bind', address, '--workers', processes]],
];

/** The same small app on each server. */
export function plainApp({ processes, importSeconds = 0 }: PlainAppOptions): Contestant[] {
  return COMMANDS.map(([name, needs, commandFor]) => ({
    name,
    needs,
    start: (rig) => start(rig, name, commandFor, String(processes), importSeconds),
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
  const app = name === 'gunicorn' ? ['app'] : ['--module', 'app', '--disable-logging'];
  const program = await rig.start([...commandFor(`127.0.0.1:${port}`, processes), ...app], {
    workingDirectory: name,
    environment: { ...realUwsgiEnvironment, ...subject.environment, IMPORT_SECONDS: String(importSeconds) },
  });
  await until(`${name} serves`, async () => (await ask(port, 'GET /').catch(() => undefined))?.status === 200);
  return { port, program };
}
