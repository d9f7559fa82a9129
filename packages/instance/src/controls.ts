import type { Config } from '@emperor/config';

import type { AppCommands } from './app-commands.ts';
import { MasterFifo } from './master-fifo.ts';
import { TouchWatch } from './touch-watch.ts';

/** What an operator can ask of an instance, whatever the way: signal, fifo, touched file, emperor. */
export interface Commands {
  reload(reason?: string): Promise<void>;
  readonly workers: AppCommands;
  stop(mode: 'drain' | 'cut'): Promise<void>;
  reopenLogs(): void;
  rotateLogs(): void;
  writePidfiles(): void;
  /** Letters of the master-fifo that only a service understands. @returns false when none does */
  obey(letter: string): boolean;
}

/** The ways in which the options let an operator command a running instance; opened anew with each generation. */
export class Controls {
  readonly #touch = new TouchWatch();
  readonly #fifos: MasterFifo[];

  constructor(config: Config, commands: Commands, log: (line: string) => void) {
    const { options } = config;
    const watch = (paths: readonly string[], onTouch: (path: string) => void): void => {
      for (const path of paths) this.#touch.add(path, onTouch, log);
    };
    for (const name of ['touch-reload', 'fs-reload', 'fs-brutal-reload'] as const) {
      watch(options[name], (path) => void commands.reload(`*** ${path} has been touched... grace them all !!! ***`));
    }
    watch(
      options['touch-workers-reload'],
      (path) => void commands.workers.reload('all', `*** ${path} has been touched... workers reload !!! ***`),
    );
    watch(
      options['touch-chain-reload'],
      (path) => void commands.workers.reload('chain', `*** ${path} has been touched... chain reload !!! ***`),
    );
    watch(options['touch-logreopen'], () => commands.reopenLogs());
    watch(options['touch-logrotate'], () => commands.rotateLogs());
    this.#fifos = options['master-fifo'].map((path) => new MasterFifo(path, (letter) => obey(letter, commands, log)));
  }

  close(): void {
    this.#touch.stop();
    for (const fifo of this.#fifos) fifo.close();
  }
}

/** uWSGI's letters (UWSGI-FACTS 9.7). A reload of ours loses nothing and waits for nothing: there is no other kind. */
function obey(letter: string, commands: Commands, log: (line: string) => void): void {
  switch (letter) {
    case 'r':
    case 'R':
      void commands.reload();
      return;
    case 'c':
      void commands.workers.reload('chain');
      return;
    case 'w':
    case 'W':
      void commands.workers.reload('all');
      return;
    case '+':
      commands.workers.change(1);
      return;
    case '-':
      commands.workers.change(-1);
      return;
    case 'C':
      commands.workers.hibernate();
      return;
    case 'p':
      commands.workers.togglePause();
      return;
    case 'q':
      void commands.stop('drain');
      return;
    case 'Q':
      void commands.stop('cut');
      return;
    case 'l':
      commands.reopenLogs();
      return;
    case 'L':
      commands.rotateLogs();
      return;
    case 'P':
      commands.writePidfiles();
      return;
    case 's':
      commands.workers.logStatistics();
      return;
    default:
      if (commands.obey(letter)) return;
      log(`unknown master-fifo command "${letter}": there are + - c C l L p P q Q r R s S w W`);
  }
}
