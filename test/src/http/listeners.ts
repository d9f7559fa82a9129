import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';
import { makeCertificate } from '../tls/certificates.ts';

export interface Listeners {
  readonly vassal: Program;
  readonly ports: Readonly<Record<'http' | 'http-socket' | 'https', number>>;
}

/** Answers any request with what was sent, or `hello`. */
export const ECHO_APP = `
def application(environ, start_response):
    body = environ['wsgi.input'].read() or b'hello'
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', str(len(body)))])
    return [body]
`;

/** Starts one app behind each kind of HTTP listener; ready when it returns. */
export async function startListeners(
  rig: Rig,
  app: string = ECHO_APP,
  lines: readonly string[] = [],
): Promise<Listeners> {
  makeCertificate(rig, 'localhost');
  rig.write('app.py', app);
  const ports = { http: await rig.port(), 'http-socket': await rig.port(), https: await rig.port() };
  rig.write(
    'uwsgi.ini',
    [
      '[uwsgi]',
      'master = true',
      `http = 127.0.0.1:${ports.http}`,
      `http-socket = 127.0.0.1:${ports['http-socket']}`,
      `https = 127.0.0.1:${ports.https},localhost.crt,localhost.key`,
      'http-keepalive = true',
      'module = app',
      ...lines,
      '',
    ].join('\n'),
  );
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  return { vassal, ports };
}
