import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';
import { type CertificateFiles, makeCertificate } from './certificates.ts';

/** Answers with its environ, one `NAME='value'` a line, or with what it was sent. */
const APP = `
def application(environ, start_response):
    if environ['PATH_INFO'] == '/echo':
        body = environ['wsgi.input'].read()
        start_response('200 OK', [('Content-Type', 'application/octet-stream'), ('Content-Length', str(len(body)))])
        return [body]
    if environ['PATH_INFO'] == '/large':
        start_response('200 OK', [('Content-Type', 'application/octet-stream')])
        return (b'x' * 65536 for _ in range(160))
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Connection', 'keep-alive')])
    lines = ['%s=%r' % item for item in environ.items() if item[0].isupper()]
    return ['\\n'.join(lines + ['scheme=' + environ['wsgi.url_scheme']]).encode()]
`;

export interface SecureInstance {
  readonly vassal: Program;
  readonly port: number;
  readonly files: CertificateFiles;
}

export interface SecureOptions {
  /** The option that listens, with what comes behind the key: `https`, `https-socket`. */
  readonly option?: string;
  readonly behindKey?: string;
  readonly lines?: readonly string[];
}

/** Starts an instance with a certificate for `localhost`, and waits until it serves. */
export async function startSecure(rig: Rig, options: SecureOptions = {}): Promise<SecureInstance> {
  const { option = 'https', behindKey = '', lines = [] } = options;
  const files = makeCertificate(rig, 'localhost');
  rig.write('app.py', APP);
  const port = await rig.port();
  const listen = `${option} = 127.0.0.1:${port},localhost.crt,localhost.key${behindKey}`;
  rig.write(
    'uwsgi.ini',
    ['[uwsgi]', 'master = true', listen, 'module = app', 'http-keepalive = 1', ...lines, ''].join('\n'),
  );
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  return { vassal, port, files };
}
