import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { LineLog } from './line-log.ts';
import { processTree, type ProcessEntry } from './processes.ts';
import { patienceMs, within } from './until.ts';

/** How a program ended: an exit code, or the signal that killed it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProgramOptions {
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The signal that ends it in order. */
  readonly stopSignal: NodeJS.Signals;
}

/** A real program that a test started: its output as lines, its processes, its end. Standard input is /dev/null. */
export class Program {
  readonly log: LineLog = new LineLog();
  /** What it was started as, for messages. */
  readonly title: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  exit: Exit | undefined;
  readonly #child: ChildProcess;
  readonly #stopSignal: NodeJS.Signals;
  /** Nobody holds the pipes any more. A child left behind would keep them open, so the end itself does not wait for this. */
  readonly #outputEnded: Promise<unknown>;

  private constructor(child: ChildProcess, title: string, stopSignal: NodeJS.Signals) {
    this.#child = child;
    this.#stopSignal = stopSignal;
    this.title = title;
    this.pid = child.pid ?? Number.NaN;
    this.#outputEnded = once(child, 'close');
    this.exited = this.#watch();
  }

  static async start(command: readonly string[], options: ProgramOptions): Promise<Program> {
    const [file = '', ...args] = command;
    const child = spawn(file, args, {
      cwd: options.workingDirectory,
      env: options.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid === undefined) await once(child, 'spawn'); // throws what went wrong
    return new Program(child, command.join(' '), options.stopSignal);
  }

  async #watch(): Promise<Exit> {
    for (const [source, stream] of Object.entries({ out: this.#child.stdout, err: this.#child.stderr })) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.log.write(source, text));
    }
    const [code, signal] = (await once(this.#child, 'exit')) as [number | null, NodeJS.Signals | null];
    this.exit = { code, signal };
    void this.#outputEnded.then(() => this.log.end(`${this.title} ended (${code ?? signal})`));
    return this.exit;
  }

  waitForLog(pattern: RegExp, mark: number = 0): Promise<RegExpExecArray> {
    return this.log.waitFor(pattern, mark, patienceMs);
  }

  /** Waits for the end, and for the last of its output. */
  async waitForExit(withinMs: number = patienceMs): Promise<Exit> {
    const exit = await within(withinMs, `the end of ${this.title}`, this.exited);
    await within(withinMs, `the end of the output of ${this.title}`, this.#outputEnded);
    return exit;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends it politely and says how it ended; fails when it does not end in time. */
  async stop(signal: NodeJS.Signals = this.#stopSignal): Promise<Exit> {
    if (this.exit === undefined) this.signal(signal);
    return await this.waitForExit();
  }

  /** The process and all that live below it now. */
  tree(): ProcessEntry[] {
    return processTree(this.pid);
  }
}
