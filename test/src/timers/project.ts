import { ask } from '../rig/http-client.ts';
import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';

export interface App {
  readonly vassal: Program;
  /** Asks the app for a path. @returns the body of its answer */
  readonly get: (path: string) => Promise<string>;
}

/** Starts `uwsgi.ini` with these lines and an app with this source, and waits until its first worker is there. */
export async function startApp(rig: Rig, lines: readonly string[], source: string): Promise<App> {
  rig.write('app.py', source);
  const port = await rig.port();
  rig.write(
    'uwsgi.ini',
    ['[uwsgi]', 'master = true', `http-socket = 127.0.0.1:${port}`, 'module = app', ...lines, ''].join('\n'),
  );
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  return { vassal, get: async (path) => (await ask(port, `GET ${path}`)).body.toString() };
}

/** The end of most of these apps: answers with what the function `answer` returns for the path. */
export const answering = `
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [str(answer(environ['PATH_INFO'])).encode()]
`;

/** The end of an app that answers with what its path is worth as an expression, or with what is wrong with it. */
export const evaluating: string = `
def answer(path):
    try:
        return eval(path[1:])
    except Exception as error:
        return '%s: %s' % (type(error).__name__, error)
${answering}`;
