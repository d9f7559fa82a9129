import { type Config, WORKER_SOCKETS } from '@emperor/config';

import { appEnvironment } from '../app-settings.ts';
import { privilegeMoment, resolveId } from '../privileges.ts';
import type { Service, ServiceContext, ServiceKind } from '../service.ts';
import { StartError } from '../start-error.ts';
import { ExecutedWorker } from './executed-worker.ts';
import { executedSocket } from './executed-socket.ts';

/**
 * `worker-exec = PROGRAM`: the workers are a program of the user's that accepts connections itself, on the first socket of the instance,
 * which it has as its standard input (FastCGI programs do). The vassal opens the socket, starts and stops the programs, and never accepts there.
 */
class ExecutedWorkers implements Service {
  readonly #file: string;
  readonly #config: Config;
  readonly #context: ServiceContext;
  #workers: readonly ExecutedWorker[] = [];
  #ended: Promise<unknown> | undefined;

  constructor(file: string, config: Config, context: ServiceContext) {
    this.#file = file;
    this.#config = config;
    this.#context = context;
  }

  status(): object {
    return this.#workers.map(({ id, pid }) => ({ id, pid }));
  }

  roles(): (readonly [number, string])[] {
    return this.#workers.map(({ id, pid }) => [pid, `worker ${id}`]);
  }

  begin(): void {
    const { options } = this.#config;
    const socket = executedSocket(this.#config, this.#context.sockets());
    if (socket === undefined) return;
    const stillRoot = privilegeMoment(this.#config) !== 'start' && process.getuid?.() === 0;
    const program = {
      file: this.#file,
      environment: appEnvironment(this.#config),
      socket: socket.descriptor,
      uid: stillRoot && options.uid !== undefined ? resolveId('user', options.uid) : undefined,
      gid: stillRoot && options.gid !== undefined ? resolveId('group', options.gid) : undefined,
      longestDelayMs: options['forkbomb-delay'] * 1000,
      log: this.#context.log.line,
    };
    this.#workers = Array.from({ length: options.processes }, (_, index) => new ExecutedWorker(index + 1, program));
    for (const worker of this.#workers) worker.start();
  }

  retire(reason: 'reload' | 'stop'): void {
    void this.#end(reason === 'reload' ? 'SIGHUP' : 'SIGINT');
  }

  async end(): Promise<void> {
    await this.#end('SIGINT');
  }

  /** @param signal what uWSGI's master sends to its workers then */
  #end(signal: NodeJS.Signals): Promise<unknown> {
    const mercyMs = this.#config.options['worker-reload-mercy'] * 1000;
    this.#ended ??= Promise.all(this.#workers.map((worker) => worker.end(signal, mercyMs)));
    return this.#ended;
  }
}

export const EXECUTED_WORKERS: ServiceKind = {
  name: 'executed-workers',
  create(config, context) {
    const file = config.options['worker-exec'];
    if (file === undefined) return undefined;
    if (config.entriesOf(...WORKER_SOCKETS).length === 0)
      throw new StartError(`worker-exec = ${file}: it accepts connections itself: say where, with socket = ADDRESS`);
    return new ExecutedWorkers(file, config, context);
  },
};
