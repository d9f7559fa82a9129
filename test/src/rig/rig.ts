import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { leftFiles } from './left-files.ts';
import { complainOfOldBundle } from './old-bundle.ts';
import { freePort } from './ports.ts';
import { processesWithEnvironment, type ProcessEntry } from './processes.ts';
import { Program } from './program.ts';
import { repository, subject } from './subject.ts';
import { until } from './until.ts';

complainOfOldBundle(repository);

/** Those in use, for when the test process is ended from outside: then nothing is disposed of, and nothing shall stay all the same. */
const openRigs = new Set<Rig>();

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
process.on('exit', () => {
  for (const rig of openRigs) rig.kill();
});

/** How long what hangs below a program that has ended may take to be gone too. */
const lastGaspMs = 3000;

/** What a rig needs of its test: a TestContext has it, and so can a benchmark. */
export interface RigOwner {
  readonly passed: boolean;
  after(report: () => void): void;
  diagnostic(message: string): void;
}

export interface RigOptions {
  /** Paths (below the rig's directory) of sockets and temporary files that may stay behind, for tests that kill without mercy. */
  readonly mayLeave?: RegExp;
  /** Another checkout of ours: its commands are started in place of this one's. */
  readonly checkout?: string;
}

export interface StartOptions {
  /** Below the rig's directory; the directory itself when not given. */
  readonly workingDirectory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly stopSignal?: NodeJS.Signals;
}

/**
 * A place for one test: a directory, and the programs it starts there. `await using rig = Rig.open(t)` ends them all when the test ends, and
 * fails it when something is left: a process, a socket, a temporary file. When the test failed, the directory stays and the logs are shown.
 */
export class Rig implements AsyncDisposable {
  readonly directory: string;
  readonly programs: Program[] = [];
  /** In the environment of everything started here, so that nothing can hide by changing its parent. */
  readonly #marker: string;
  readonly #mayLeave: RegExp | undefined;
  readonly #checkout: string | undefined;

  private constructor(directory: string, options: RigOptions) {
    this.directory = directory;
    this.#marker = `EMPEROR_RIG=${directory}`;
    this.#mayLeave = options.mayLeave;
    this.#checkout = options.checkout;
  }

  static open(t: RigOwner, options: RigOptions = {}): Rig {
    const rig = new Rig(mkdtempSync(join(tmpdir(), 'rig-')), options);
    for (const name of ['run', 'tmp']) mkdirSync(rig.path(name), { mode: 0o700 });
    openRigs.add(rig);
    t.after(() => rig.#report(t));
    return rig;
  }

  path(...names: readonly string[]): string {
    return join(this.directory, ...names);
  }

  /** Writes a file, with the directories it needs, and returns its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  /** A TCP port that is free now. */
  port(): Promise<number> {
    return freePort();
  }

  async start(command: readonly string[], options: StartOptions = {}): Promise<Program> {
    const program = await Program.start(this.#fromCheckout(command), {
      workingDirectory: this.path(options.workingDirectory ?? '.'),
      environment: { ...this.#environment(), ...options.environment },
      stopSignal: options.stopSignal ?? 'SIGINT',
    });
    this.programs.push(program);
    return program;
  }

  #fromCheckout(command: readonly string[]): readonly string[] {
    const [file = '', ...args] = command;
    if (this.#checkout === undefined || !file.startsWith(repository)) return command;
    return [join(this.#checkout, file.slice(repository.length)), ...args];
  }

  /** Starts the vassal under test. */
  vassal(args: readonly string[], options: StartOptions = {}): Promise<Program> {
    return this.start([...subject.vassal, ...args], {
      ...options,
      environment: { ...subject.environment, ...options.environment },
    });
  }

  /** Starts the emperor under test over the files that match the pattern. */
  emperor(pattern: string, more: readonly string[] = [], options: StartOptions = {}): Promise<Program> {
    return this.start([...subject.emperor(pattern), ...more], {
      ...options,
      environment: { ...subject.environment, ...options.environment },
    });
  }

  /** Every process that this rig's programs have started and that still lives. */
  processes(): ProcessEntry[] {
    return processesWithEnvironment(this.#marker);
  }

  /** Ends everything at once. */
  kill(): void {
    for (const { pid } of this.processes()) killIfThere(pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const unwilling: unknown[] = [];
    for (const program of this.programs.toReversed())
      await stopInOrder(program).catch((error: unknown) => unwilling.push(error));
    const left = await this.#stragglers();
    this.kill();
    openRigs.delete(this);
    if (unwilling.length > 0) throw new Error(unwilling.map(String).join('\n'), { cause: unwilling[0] });
    if (left.length > 0)
      throw new Error(`left running: ${left.map((entry) => `${entry.pid} ${entry.commandLine}`).join('; ')}`);
    const files = leftFiles(this.directory).filter((name) => this.#mayLeave?.test(name) !== true);
    if (files.length > 0) throw new Error(`left behind in ${this.directory}: ${files.join(' ')}`);
  }

  async #stragglers(): Promise<ProcessEntry[]> {
    await until('nothing runs any more', () => this.processes().length === 0, lastGaspMs).catch(() => undefined);
    return this.processes();
  }

  /** Only what is listed: what the person who runs the tests has exported must not change them. */
  #environment(): Record<string, string> {
    const [marker = '', directory = ''] = this.#marker.split('=');
    return {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: this.directory,
      LANG: 'C.UTF-8',
      TMPDIR: this.path('tmp'),
      RUNTIME_DIRECTORY: this.path('run'),
      [marker]: directory,
    };
  }

  #report(t: RigOwner): void {
    if (t.passed) {
      rmSync(this.directory, { recursive: true, force: true });
      return;
    }
    t.diagnostic(`kept for a look: ${this.directory}`);
    for (const program of this.programs) t.diagnostic(`${program.title}\n${program.log.tail(100)}`);
  }
}

async function stopInOrder(program: Program): Promise<void> {
  if (program.exit !== undefined) return;
  const { code, signal } = await program.stop();
  // SIGKILL is a test's own: it may be on its way while the rig already ends.
  if (code !== 0 && signal !== 'SIGKILL')
    throw new Error(`${program.title} was asked to stop, and ended with ${code ?? signal}`);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
