import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';

import { createPipe, Lifeline } from '@emperor/posix';

import { LineReader } from '../python-output.ts';
import type { DaemonSpec } from './daemon-spec.ts';
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

/** One run of a daemon's command: our child, in a session of its own. */
export class DaemonRun {
  readonly startedAtMs: number;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #lifeline: Lifeline | undefined;
  #ended = false;
  #isAsked = false;

  /**
   * @param log takes what the program writes, line by line; a daemon that outlives us writes to our standard error itself
   * @param onEnd told once
   */
  constructor(
    spec: DaemonSpec,
    environment: NodeJS.ProcessEnv,
    log: (line: string) => void,
    onEnd: (end: RunEnd) => void,
  ) {
    const output = spec.pidfile === undefined ? openOutput((line) => log(`[${spec.name}] ${line}`)) : undefined;
    this.#lifeline = spec.pidfile === undefined ? new Lifeline() : undefined;
    this.startedAtMs = performance.now();
    const writer = output ?? STDERR;
    this.#child = spawn('/bin/sh', ['-c', spec.command], {
      detached: true,
      env: environment,
      stdio: [
        spec.readsStdin ? STDIN : 'ignore',
        writer,
        writer,
        ...(this.#lifeline === undefined ? [] : [this.#lifeline.inherited]),
      ],
      ...(spec.directory === undefined ? {} : { cwd: spec.directory }),
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
    });
    this.pid = this.#child.pid ?? 0;
    if (output !== undefined) closeSync(output);
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
