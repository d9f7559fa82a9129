import { Buffer } from 'node:buffer';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex, Readable } from 'node:stream';

import { EmperorByte, VassalByte } from '@emperor/protocol';

/** The first descriptors of a child are its standard streams. */
export const FIRST_INHERITED = 3;
/** Everything before it is about the start, which is told in one line by the process that starts it. */
const STARTED = /^spawned uWSGI http 1 /;
/** What every vassal says of itself: of this instance, the first process says it. */
const OWN_LIFE =
  /^(?:announcing my loyalty|received message|lost connection with|SIGINT\/SIGTERM received|goodbye to )/;

export interface RouterProcessSettings {
  readonly arguments: readonly string[];
  /** Where its names of files count from. */
  readonly directory: string;
  /** Descriptors of listening sockets; it has them from `FIRST_INHERITED` on. */
  readonly listeners: readonly number[];
  readonly log: (line: string) => void;
  /** It takes requests. */
  readonly onReady: () => void;
  /** It has ended, of itself or not. */
  readonly onEnd: (exit: string) => void;
}

/**
 * One further process of a router: a vassal whose emperor is this process, as uWSGI's protocol has it. So it ends when this process
 * does, however that comes about.
 */
export class RouterProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #link: Duplex;
  readonly #ended: Promise<unknown>;
  #starting: string[] | undefined = [];

  /** @throws Error of the system when no process can be started */
  constructor(settings: RouterProcessSettings) {
    const { listeners } = settings;
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...settings.arguments], {
      cwd: settings.directory,
      env: environment(FIRST_INHERITED + listeners.length),
      stdio: ['ignore', 'ignore', 'pipe', ...listeners, 'pipe'],
    });
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.#link = child.stdio[FIRST_INHERITED + listeners.length] as unknown as Duplex;
    this.#link.on('error', () => undefined);
    this.#link.on('data', (bytes: Buffer) => {
      if (bytes.includes(VassalByte.accepting)) settings.onReady();
    });
    this.#passOn(child.stdio[2] as Readable, settings.log);
    this.#ended = once(child, 'close').catch(() => undefined);
    child.once('error', (error) => settings.onEnd(error.message));
    child.once('close', (code, signal) => {
      // What it said of a start that failed says why.
      for (const line of this.#starting ?? []) settings.log(line);
      settings.onEnd(signal === null ? `code ${code}` : `signal ${signal}`);
    });
  }

  #passOn(output: Readable, log: (line: string) => void): void {
    let rest = '';
    output.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#heard(line, log);
    });
  }

  #heard(line: string, log: (line: string) => void): void {
    if (this.#starting === undefined) {
      if (!OWN_LIFE.test(line)) log(line);
    } else if (STARTED.test(line)) {
      this.#starting = undefined;
    } else {
      this.#starting.push(line);
    }
  }

  /** Has it answer what it has accepted, and end. */
  terminate(): void {
    this.#link.write(Buffer.of(EmperorByte.stop));
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Resolves when it is gone. */
  async ended(): Promise<void> {
    await this.#ended;
  }
}

/** Ours, without what is about this process alone; options among the variables are in the configuration already. */
function environment(link: number): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:UWSGI_|EMPEROR_)/.test(name));
  return { ...Object.fromEntries(kept), UWSGI_EMPEROR_FD: String(link) };
}
