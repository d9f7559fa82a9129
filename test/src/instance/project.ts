import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';

/** An app that says what it is told to say, so that a test sees which generation answers. */
export function writeApp(rig: Rig, words: string): void {
  rig.write(
    'app.py',
    [
      'def application(environ, start_response):',
      "    start_response('200 OK', [('Content-Type', 'text/plain')])",
      `    return [b'${words}']`,
      '',
    ].join('\n'),
  );
}

export interface Instance {
  readonly vassal: Program;
  readonly port: number;
}

/** Starts `uwsgi.ini` with these lines, an app and a port, and waits until it serves. */
export async function startInstance(rig: Rig, lines: readonly string[], words: string = 'first'): Promise<Instance> {
  writeApp(rig, words);
  const port = await rig.port();
  rig.write(
    'uwsgi.ini',
    ['[uwsgi]', 'master = true', `http-socket = 127.0.0.1:${port}`, 'module = app', ...lines, ''].join('\n'),
  );
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  return { vassal, port };
}

export const reloaded: RegExp = /^gracefully \(RE\)spawned uWSGI master process \(pid: \d+\)$/;
