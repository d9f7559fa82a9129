import { mkdirSync } from 'node:fs';

import type { Program } from './program.ts';
import type { Rig } from './rig.ts';

/** One `server` of a real nginx, in nginx's own words. */
export interface NginxSite {
  /** Its directory below the rig's. */
  readonly home: string;
  /** What is in its `server { … }`: where it listens, and what it does. */
  readonly server: string;
  /** What stands beside the server; the log of requests is off unless it says otherwise. */
  readonly http?: string;
  readonly connections?: number;
}

/** Starts an nginx in the foreground, with one worker and everything it writes below its home. Ready when it returns. */
export async function startNginxSite(rig: Rig, site: NginxSite): Promise<Program> {
  const { home, server, http = 'access_log off;', connections = 256 } = site;
  const directory = rig.path(home);
  mkdirSync(directory, { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${directory}/${kind};`,
  );
  const config = rig.write(
    `${home}/nginx.conf`,
    `daemon off;
error_log stderr info;
pid ${directory}/nginx.pid;
worker_processes 1;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections ${connections}; }
http {
  ${http}
  ${temporary.join('\n  ')}
  server {
    ${server}
  }
}
`,
  );
  const nginx = await rig.start(['nginx', '-p', directory, '-c', config]);
  await nginx.waitForLog(/start worker process \d+/);
  return nginx;
}

/** A location that passes everything to a uwsgi socket: `127.0.0.1:PORT`, or the path of a UNIX socket. */
export function uwsgiPass(socket: string): string {
  return `location / {
      include /etc/nginx/uwsgi_params;
      uwsgi_pass ${socket.startsWith('/') ? `unix:${socket}` : socket};
    }`;
}
