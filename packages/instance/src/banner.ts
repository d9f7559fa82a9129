import { arch, availableParallelism, hostname, release, type, version } from 'node:os';

import type { Config } from '@emperor/config';

import { isRouter } from './listeners.ts';
import type { InstanceSocket } from './sockets.ts';

/** The version of this program, as `--version`, the banner and `uwsgi.version` show it. */
export const VERSION = '0.1.0';

/** The first lines of the log: what runs where (UWSGI-FACTS 1.9, without the lines about the internals of a C program). */
export function banner(config: Config, date: string): string[] {
  const lines = [
    `*** Starting uWSGI (Emperor ${VERSION}) (64bit) on [${date}] ***`,
    `os: ${type()}-${release()} ${version()}`,
    `nodename: ${hostname()}`,
    `machine: ${arch() === 'x64' ? 'x86_64' : arch()}`,
    `detected number of CPU cores: ${availableParallelism()}`,
    `current working directory: ${process.cwd()}`,
    `detected binary path: ${process.argv[1] ?? process.execPath}`,
  ];
  if (!config.options.master) {
    lines.push(
      '*** WARNING: you are running uWSGI without its master process manager *** (add --master: it restarts workers that die)',
    );
  }
  return lines;
}

/** The line for one socket (UWSGI-FACTS 1.10). */
export function socketLine(socket: InstanceSocket, index: number, inherited: boolean): string {
  const { protocol, name, target } = socket.request;
  if (isRouter(protocol))
    return `uWSGI ${protocol === 'https' ? 'https' : 'http'} bound on ${name} fd ${socket.descriptor}`;
  if (target.kind === 'unix') {
    return `uwsgi socket ${index} ${inherited ? 'inherited' : 'bound to'} UNIX address ${name} fd ${socket.descriptor}`;
  }
  if (inherited) return `uwsgi socket ${index} inherited INET address ${name} fd ${socket.descriptor}`;
  const chosen = target.kind === 'tcp' && target.port === 0;
  const address = chosen ? `${name.replace(/:0?$/, '')}:${socket.port} (port auto-assigned)` : name;
  return `uwsgi socket ${index} bound to TCP address ${address} fd ${socket.descriptor}`;
}

/** What uWSGI calls the arrangement of processes and threads (UWSGI-FACTS 1.10). */
export function operationalMode(processes: number, threads: number): string {
  if (processes === 0) return 'no-workers';
  if (processes > 1) return threads > 1 ? 'preforking+threaded' : 'preforking';
  return threads > 1 ? 'threaded' : 'single process';
}
