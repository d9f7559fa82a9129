import { Buffer } from 'node:buffer';
import { mkdirSync, writeFileSync } from 'node:fs';

import type { Program } from '../rig/program.ts';
import { header } from '../rig/answer.ts';
import { ask } from '../rig/http-client.ts';
import { startNginxSite } from '../rig/nginx.ts';
import type { Rig } from '../rig/rig.ts';
import { realUwsgiEnvironment, subject } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import type { Contestant, Server } from './row.ts';

/** A file that everybody serves: `/file.css`, of text that compresses as style sheets do. */
export interface ServedFile {
  readonly bytes: number;
}

/** What is asked of the servers beside sending the file; each writes it in its own words. */
export interface FileService {
  /** A line in a file for every request. */
  readonly logs?: boolean;
  /** gzip at this level, for clients that accept it. */
  readonly gzipLevel?: number;
}

const PATH = '/file.css';

/** Lines of a style sheet, none like the other. */
export function styleText(bytes: number): Buffer {
  let text = '';
  for (let i = 0; text.length < bytes; i++) {
    text += `.item-${i} > a:hover { color: #${((i * 2_654_435_761) >>> 8).toString(16).padStart(6, '0').slice(-6)}; margin: ${i % 17}px }\n`;
  }
  return Buffer.from(text.slice(0, bytes));
}

/** Writes the file below a directory of the contestant's own, starts the server there and waits until it answers. */
async function serve(
  rig: Rig,
  name: string,
  { bytes }: ServedFile,
  start: (address: string) => Promise<Program>,
): Promise<Server> {
  mkdirSync(rig.path(name, 'static'), { recursive: true });
  writeFileSync(rig.path(name, 'static', PATH), bytes > 1e6 ? Buffer.alloc(bytes, 'x') : styleText(bytes));
  const port = await rig.port();
  const program = await start(`127.0.0.1:${port}`);
  await until(`${name} serves the file`, async () => {
    if (program.exit !== undefined) throw new Error(`${program.title} ended:\n${program.log.tail()}`);
    const answer = await ask(port, `HEAD ${PATH}`).catch(() => undefined);
    return answer !== undefined && header(answer, 'Content-Length') === String(bytes);
  });
  return { port, program };
}

/** Our vassal, as a router without an app. */
export function ourFiles(
  protocol: 'http' | 'http-socket',
  file: ServedFile,
  service: FileService = {},
  name = 'ours',
): Contestant {
  const logging = service.logs === true ? ['--req-logger', 'file:requests.log'] : ['--disable-logging'];
  const compression =
    service.gzipLevel === undefined ? [] : ['--compress=gzip', `--compress-level=${service.gzipLevel}`];
  return {
    name,
    needs: [],
    start: (rig) =>
      serve(rig, name, file, (address) =>
        rig.start(
          [
            ...subject.vassal,
            '--master',
            `--${protocol}`,
            address,
            '--processes',
            '0',
            ...(protocol === 'http' ? ['--http-keepalive'] : []),
            '--check-static',
            'static',
            ...logging,
            ...compression,
          ],
          { workingDirectory: name, environment: subject.environment },
        ),
      ),
  };
}

/** nginx with one worker process, as ours is one process. */
export function nginxFiles(file: ServedFile, service: FileService = {}, name = 'nginx'): Contestant {
  return {
    name,
    needs: ['nginx'],
    start: (rig) =>
      serve(rig, name, file, (address) =>
        startNginxSite(rig, {
          home: name,
          http: nginxSettings(rig.path(name), service),
          server: `listen ${address}; root ${rig.path(name)}/static;`,
        }),
      ),
  };
}

function nginxSettings(directory: string, { logs = false, gzipLevel }: FileService): string {
  const gzip = `gzip on; gzip_types text/css; gzip_comp_level ${gzipLevel}; gzip_min_length 1;`;
  return `types { text/css css; }
  access_log ${logs ? `${directory}/access.log` : 'off'};
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000000;
  ${gzipLevel === undefined ? '' : gzip}`;
}

/** uWSGI's http router before one of its workers. */
export function uwsgiFiles(file: ServedFile): Contestant {
  return {
    name: 'uWSGI router',
    needs: ['uwsgi'],
    start: (rig) =>
      serve(rig, 'uwsgi', file, (address) =>
        rig.start(
          [
            'uwsgi',
            '--master',
            '--http',
            address,
            '--http-keepalive=1',
            '--check-static',
            'static',
            '--disable-logging',
          ],
          { workingDirectory: 'uwsgi', environment: realUwsgiEnvironment },
        ),
      ),
  };
}

/** Where the file is asked for. */
export const filePath: string = PATH;

/** Where there is none. */
export const missingPath = '/nothing.css';
