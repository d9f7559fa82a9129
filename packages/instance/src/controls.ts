import type { Config } from '@emperor/config';

import type { AppCommands } from './app-commands.ts';
import type { StopMode } from './ending.ts';
import { obeyLetter } from './fifo-letters.ts';
import { runLive } from './hooks/hooks.ts';
import { shellOf, startCommand } from './hooks/shell.ts';
import type { InstanceLog } from './instance-log.ts';
import { MasterFifo } from './master-fifo.ts';
import { MountpointWatch } from './mountpoint-watch.ts';
import { ExitCode } from './start-error.ts';
import { TouchWatch } from './touch-watch.ts';

/** What an operator can ask of an instance, whatever the way: signal, fifo, touched file, emperor. */
export interface Commands {
  reload(reason?: string): Promise<void>;
  readonly workers: AppCommands;
  stop(mode: StopMode, exitCode?: number): Promise<void>;
  reopenLogs(): void;
  rotateLogs(): void;
  writePidfiles(): void;
  /** Letters of the master-fifo that only a service understands. @returns false when none does */
  obey(letter: string): boolean;
}

/** The ways in which the options let an operator command a running instance; opened anew with each generation. */
export class Controls {
  readonly #touch = new TouchWatch();
  /** What is told when the app is there, as uWSGI's master does. */
  readonly #notices: string[] = [];
  readonly #log: InstanceLog;
  readonly #fifos: MasterFifo[];
  #mountpoints: MountpointWatch | undefined;

  constructor(config: Config, commands: Commands, log: InstanceLog) {
    this.#log = log;
    const { options } = config;
    const watch = (paths: readonly string[], onTouch: (path: string) => void): void => {
      for (const path of paths) this.#touch.add(path, onTouch, this.#notice);
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
    this.#watchForHooks(config);
    if (options['check-mountpoint'].length > 0) {
      this.#mountpoints = new MountpointWatch(options['check-mountpoint'], (path) => {
        log.dated(`mountpoint ${path} failed, triggering detonation...`);
        void commands.stop('cut', ExitCode.configuration);
      });
    }
    const paths = options['master-fifo'];
    this.#fifos = paths.map(
      (path) =>
        new MasterFifo(path, (letter) => {
          const chosen = paths[Number(letter)];
          // All of them are listened to: uWSGI listens to one, and its scripts choose it first.
          if (chosen === undefined) obeyLetter(letter, commands, log.line);
          else log.dated(`active master fifo is now ${chosen}`);
        }),
    );
  }

  /** `touch-exec` and `hook-touch`: FILE and what is to be done, behind a blank. */
  #watchForHooks(config: Config): void {
    const { options } = config;
    const watch = (values: readonly string[], act: (what: string) => void): void => {
      for (const value of values) {
        const blank = value.indexOf(' ');
        if (blank > 0) this.#touch.add(value.slice(0, blank), () => act(value.slice(blank + 1)), this.#notice);
      }
    };
    const log = this.#log;
    watch(options['touch-exec'], (command) => {
      log.dated(`[uwsgi-touch-exec] running ${command}`);
      startCommand(shellOf(config), command, log.dated);
    });
    watch(options['hook-touch'], (action) => runLive(config, action, 'touch', log));
  }

  readonly #notice = (line: string): void => {
    this.#notices.push(line);
  };

  /** Tells of files that are watched and not there. */
  tell(): void {
    for (const line of this.#notices.splice(0)) this.#log.line(line);
  }

  close(): void {
    this.#touch.stop();
    this.#mountpoints?.stop();
    for (const fifo of this.#fifos) fifo.close();
  }
}
