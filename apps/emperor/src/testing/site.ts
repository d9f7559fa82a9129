import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const APP = `
import os
def application(environ, start_response):
    print('served', environ['QUERY_STRING'])
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [str(os.getppid()).encode()]
`;

/** Puts a site with a small app below a directory, which serves HTTP on `NAME/app.sock`. Returns the name of its vassal. */
export function putSite(root: string, name: string, attributes: readonly string[] = []): string {
  const ini = join(root, name, 'uwsgi.ini');
  mkdirSync(dirname(ini), { recursive: true });
  writeFileSync(join(root, name, 'app.py'), APP);
  const section = attributes.length === 0 ? [] : ['[emperor]', ...attributes];
  const options = ['master = true', 'chdir = %d', 'http-socket = %dapp.sock', 'vacuum = true', 'module = app'];
  writeFileSync(ini, ['[uwsgi]', ...options, ...section, ''].join('\n'));
  return `${name}/uwsgi.ini`;
}

/** Whether the process exists and is no zombie. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.charAt(stat.lastIndexOf(')') + 2) !== 'Z';
  } catch {
    return false;
  }
}
