import { arch, availableParallelism, hostname, release, type, version } from 'node:os';

import { type Config, VERSION } from '@emperor/config';
import { boundPath, localTcpName } from '@emperor/posix';
import { ctime, type Logs } from '@emperor/router';

import { wantsWorkers } from './app-settings.ts';
import { isRouter } from './listeners.ts';
import type { InstanceSocket } from './sockets.ts';

/** Says what is about to start: what was noticed while the configuration was read on stderr, all else in the log, wherever that is. */
export function announce(config: Config, { stderr, messages, notices }: Logs): void {
  for (const notice of config.notices) stderr.line(notice);
  for (const line of banner(config)) messages.line(line);
  for (const notice of notices) messages.line(notice);
}

/** The first lines of the log: what runs where (UWSGI-FACTS 1.9, without the lines about the internals of a C program). */
function banner(config: Config): string[] {
  const lines = [
    `*** Starting uWSGI ${VERSION} (64bit) on [${ctime(Math.floor(Date.now() / 1000))}] ***`,
    `os: ${type()}-${release()} ${version()}`,
    `nodename: ${hostname()}`,
    `machine: ${arch() === 'x64' ? 'x86_64' : arch()}`,
    `detected number of CPU cores: ${availableParallelism()}`,
    `current working directory: ${process.cwd()}`,
    `detected binary path: ${process.argv[1] ?? process.execPath}`,
  ];
  if (!config.options.master) {
    lines.push(
      '*** WARNING: you are running uWSGI without its master process manager ***',
      '(add --master: it restarts workers that die)',
    );
  }
  return lines;
}

/** A line for each socket. @param inherited those that were there before a reload */
export function socketLines(sockets: readonly InstanceSocket[], inherited: ReadonlySet<InstanceSocket>): string[] {
  let index = 0;
  return sockets.map((socket) =>
    socketLine(socket, isRouter(socket.request.protocol) ? index : index++, inherited.has(socket)),
  );
}

/** UWSGI-FACTS 1.10 */
function socketLine(socket: InstanceSocket, index: number, inherited: boolean): string {
  const { protocol, name, target } = socket.request;
  if (isRouter(protocol)) return `uWSGI http bound on ${name} fd ${socket.descriptor}`;
  if (target.kind === 'fd') return `uwsgi socket ${index} inherited ${givenAddress(target.fd)} fd ${target.fd}`;
  if (target.kind === 'unix') {
    return `uwsgi socket ${index} ${inherited ? 'inherited' : 'bound to'} UNIX address ${name} fd ${socket.descriptor}`;
  }
  if (inherited) return `uwsgi socket ${index} inherited INET address ${name} fd ${socket.descriptor}`;
  const chosen = target.kind === 'tcp' && target.port === 0;
  const address = chosen ? `${name.replace(/:0?$/, '')}:${socket.port} (port auto-assigned)` : name;
  return `uwsgi socket ${index} bound to TCP address ${address} fd ${socket.descriptor}`;
}

/** Where a socket listens that somebody else has opened for us. */
function givenAddress(descriptor: number): string {
  const path = boundPath(descriptor);
  if (path !== undefined) return `UNIX address ${path.replace(/^\0/, '@')}`;
  const { host, port } = localTcpName(descriptor);
  return `INET address ${host}:${port}`;
}

/** What uWSGI calls the arrangement of processes and threads (UWSGI-FACTS 1.10). */
function operationalMode(processes: number, threads: number): string {
  if (processes === 0) return 'no-workers';
  if (processes > 1) return threads > 1 ? 'preforking+threaded' : 'preforking';
  return threads > 1 ? 'threaded' : 'single process';
}

/** The lines about how the instance works. */
export function modeLines(config: Config): string[] {
  const { options } = config;
  const processes = wantsWorkers(config) || options['worker-exec'] !== undefined ? options.processes : 0;
  return [
    ...(options.listen > 0 ? [`your server socket listen backlog is limited to ${options.listen} connections`] : []),
    `your mercy for graceful operations on workers is ${options['worker-reload-mercy']} seconds`,
    `*** Operational MODE: ${operationalMode(processes, options.threads)} ***`,
  ];
}
