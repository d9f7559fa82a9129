import { mkdirSync } from 'node:fs';

import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';

/** A real nginx that passes everything to a uwsgi socket: `127.0.0.1:PORT`, or the path of a UNIX socket. */
export function startNginx(rig: Rig, socket: string): Promise<{ nginx: Program; port: number }> {
  return startNginxWith(
    rig,
    `location / {
      include /etc/nginx/uwsgi_params;
      uwsgi_pass ${socket.startsWith('/') ? `unix:${socket}` : socket};
    }`,
  );
}

/** A real nginx with these locations. */
export async function startNginxWith(rig: Rig, locations: string): Promise<{ nginx: Program; port: number }> {
  const port = await rig.port();
  mkdirSync(rig.path('nginx'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${rig.path('nginx', kind)};`,
  );
  const config = rig.write(
    'nginx/nginx.conf',
    `daemon off;
error_log stderr info;
pid ${rig.path('nginx/nginx.pid')};
worker_processes 1;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 256; }
http {
  access_log off;
  keepalive_requests 100000;
  ${temporary.join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    ${locations}
  }
}
`,
  );
  const nginx = await rig.start(['nginx', '-p', rig.path('nginx'), '-c', config]);
  await nginx.waitForLog(/start worker process \d+/);
  return { nginx, port };
}
