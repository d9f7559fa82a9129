import { startNginxSite, uwsgiPass } from '../rig/nginx.ts';
import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';

/** A real nginx that passes everything to a uwsgi socket: `127.0.0.1:PORT`, or the path of a UNIX socket. */
export function startNginx(rig: Rig, socket: string): Promise<{ nginx: Program; port: number }> {
  return startNginxWith(rig, uwsgiPass(socket));
}

/** A real nginx with these locations. */
export async function startNginxWith(rig: Rig, locations: string): Promise<{ nginx: Program; port: number }> {
  const port = await rig.port();
  const nginx = await startNginxSite(rig, {
    home: 'nginx',
    http: 'access_log off; keepalive_requests 100000;',
    server: `listen 127.0.0.1:${port};
    ${locations}`,
  });
  return { nginx, port };
}
