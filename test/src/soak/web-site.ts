import type { Rig } from '../rig/rig.ts';

const APP = `
def application(environ, start_response):
    if environ['PATH_INFO'] == '/flood':
        for number in range(20000):
            print('a line that nobody wants to read', number)
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'well']
`;

/** A site that is served by a vassal of ours, and the port where it is. */
export interface WebSite {
  readonly name: string;
  readonly port: number;
  /** Of its configuration. */
  readonly ini: string;
}

/** A site with a Python app. */
export async function putAppSite(rig: Rig, name: string): Promise<WebSite> {
  rig.write(`sites/${name}/app.py`, APP);
  return putSite(rig, name, ['module = app', 'chdir = %d']);
}

/** A site of files: one process, quick to start. */
export async function putFileSite(rig: Rig, name: string): Promise<WebSite> {
  rig.write(`sites/${name}/files/index.html`, 'well\n');
  return putSite(rig, name, ['processes = 0', 'check-static = %dfiles', 'static-index = index.html']);
}

async function putSite(rig: Rig, name: string, options: readonly string[]): Promise<WebSite> {
  const port = await untakenPort(rig);
  const lines = ['[uwsgi]', 'master = true', `http-socket = 127.0.0.1:${port}`, ...options, ''];
  return { name, port, ini: rig.write(`sites/${name}/uwsgi.ini`, lines.join('\n')) };
}

/** Those of all sites: what is free now may have been given to one that has not been started yet. */
const taken = new Set<number>();

async function untakenPort(rig: Rig): Promise<number> {
  let port = await rig.port();
  while (taken.has(port)) port = await rig.port();
  taken.add(port);
  return port;
}
