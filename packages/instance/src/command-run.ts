import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';

import { createPipe, Lifeline } from '@emperor/posix';

import { LineReader } from './python-output.ts';
import { isGroupRunning, signalGroup } from './process-table.ts';

/** Time between two looks whether the last process of a group is gone. */
const LOOK_AGAIN_MS = 20;
const STDIN = 0;
const STDERR = 2;

/** How a run ended. */
export interface RunEnd {
  readonly status: number | null;
  /** It could not be started. */
  readonly error?: Error;
}

export interface CommandOptions {
  /** For `/bin/sh -c`. */
  readonly command: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Takes what the program writes, line by line. Without it the program writes to our standard error itself, and may outlive us. */
  readonly output: ((line: string) => void) | undefined;
  readonly readsStdin?: boolean;
  readonly directory?: string | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** One run of a command of the configuration: our child, in a session of its own, which ends with us unless it may outlive us. */
export class CommandRun {
  readonly startedAtMs: number;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #lifeline: Lifeline | undefined;
  #ended = false;
  #isAsked = false;

  /** @param onEnd told once */
  constructor(options: CommandOptions, onEnd: (end: RunEnd) => void) {
    const { command, output, environment, directory, uid, gid } = options;
    const pipe = output === undefined ? undefined : openOutput(output);
    this.#lifeline = output === undefined ? undefined : new Lifeline();
    this.startedAtMs = performance.now();
    const writer = pipe ?? STDERR;
    this.#child = spawn('/bin/sh', ['-c', command], {
      detached: true,
      env: environment,
      stdio: [
        options.readsStdin === true ? STDIN : 'ignore',
        writer,
        writer,
        ...(this.#lifeline === undefined ? [] : [this.#lifeline.inherited]),
      ],
      ...(directory === undefined ? {} : { cwd: directory }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    this.pid = this.#child.pid ?? 0;
    if (pipe !== undefined) closeSync(pipe);
    if (this.pid > 0) this.#lifeline?.tie(this.pid);
    else this.#lifeline?.drop();
    this.#child.once('error', (error) => this.#end({ status: null, error }, onEnd));
    this.#child.once('exit', (status) => this.#whenGroupEnds(() => this.#end({ status }, onEnd)));
  }

  /** Asks it to end: its whole group, which gets the time for it. */
  signal(signal: NodeJS.Signals): void {
    this.#isAsked = true;
    if (!this.#ended && this.pid > 0) signalGroup(this.pid, signal);
  }

  /** It lives on without us. */
  letGo(): void {
    this.#child.unref();
  }

  /** The shell is gone at once, while the program it has started still writes its data. Unasked, what the shell has left is ended with it. */
  #whenGroupEnds(then: () => void): void {
    if (this.#isAsked && isGroupRunning(this.pid)) setTimeout(() => this.#whenGroupEnds(then), LOOK_AGAIN_MS);
    else then();
  }

  #end(end: RunEnd, onEnd: (end: RunEnd) => void): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.pid > 0) this.#lifeline?.release();
    onEnd(end);
  }
}

/** @returns the end to write to */
function openOutput(line: (text: string) => void): number {
  const [reader, writer] = createPipe();
  const lines = new LineReader(line);
  const socket = new Socket({ fd: reader, readable: true, writable: false });
  socket.on('data', (chunk: Buffer) => lines.onData(chunk));
  socket.on('close', () => lines.onClose());
  socket.on('error', () => {});
  socket.unref();
  return writer;
}
