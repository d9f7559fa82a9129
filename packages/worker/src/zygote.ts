import { type ChildProcess, spawn } from 'node:child_process';
import { Buffer } from 'node:buffer';

import { closeDescriptor, createSocketPair, sendDescriptor } from '@emperor/posix';
import type { Stream, Transport } from '@emperor/transport';

import type { ProgressBoard } from './progress-board.ts';
import type { PythonCommand } from './python-command.ts';
import {
  type ForkOrder,
  JsonLineDecoder,
  type ZygoteConfiguration,
  type ZygoteOrder,
  type ZygoteReport,
} from './zygote-messages.ts';

/** How a process ended, as Node tells it. */
export interface ProcessEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It could not be started. */
  readonly error?: Error;
}

export interface ZygoteOptions {
  /** Asked anew for each zygote: who this process is by then, and what it may run, may have changed. */
  readonly command: () => PythonCommand;
  readonly outputDescriptor: number;
  readonly transport: Transport;
  readonly board: ProgressBoard;
  /** Asked anew for each zygote. */
  readonly configuration: () => ZygoteConfiguration;
  readonly onReport: (report: ZygoteReport) => void;
  /** Told once; no report follows. */
  readonly onEnd: (end: ProcessEnd) => void;
}

/**
 * The Python process that imports the app and forks the workers. It ends when `close` is called or this process is gone:
 * then the kernel also ends everything it has started, see lifeline.py.
 */
export class Zygote {
  readonly #options: ZygoteOptions;
  readonly #control: Stream;
  readonly #controlDescriptor: number;
  readonly #lifelineDescriptor: number;
  readonly #child: ChildProcess;
  #ended = false;

  constructor(options: ZygoteOptions) {
    this.#options = options;
    const { outputDescriptor } = options;
    const command = options.command();
    const [control, childControl] = createSocketPair();
    const [lifeline, childLifeline] = createSocketPair();
    this.#controlDescriptor = control;
    this.#lifelineDescriptor = lifeline;
    this.#child = spawn(command.file, command.args, {
      env: command.environment,
      stdio: ['ignore', outputDescriptor, outputDescriptor, childControl, childLifeline, options.board.descriptor],
    });
    closeDescriptor(childControl);
    closeDescriptor(childLifeline);
    const decoder = new JsonLineDecoder((message) => {
      if (!this.#ended) options.onReport(message as ZygoteReport);
    });
    this.#control = options.transport.adopt(control, {
      onData: (chunk) => decoder.push(chunk),
      onEnd: () => this.#control.end(),
      onDrain: () => {},
      onClose: () => {},
    });
    this.#child.once('error', (error) => this.#end({ status: null, signal: null, error }));
    this.#child.once('exit', (status, signal) => this.#end({ status, signal }));
    this.#write(options.configuration());
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  load(): void {
    this.#write({ type: 'load' });
  }

  /**
   * Has a worker forked.
   * @param descriptor the worker's end of its channel; the caller closes its own copy
   * @throws SystemCallError when the zygote is gone
   */
  fork(order: ForkOrder, descriptor: number): void {
    sendDescriptor(this.#controlDescriptor, descriptor, Buffer.from(`${JSON.stringify(order)}\n`));
  }

  /** Ends the process in order. Its workers, and what the app has started, are not touched. */
  close(): void {
    this.#write({ type: 'end' });
  }

  /**
   * Lets go of the lifeline; to be called once. What still belongs to the zygote's process group is ended by the kernel,
   * unless the zygote itself was closed in order.
   */
  releaseLifeline(): void {
    closeDescriptor(this.#lifelineDescriptor);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #write(message: ZygoteConfiguration | ZygoteOrder): void {
    this.#control.write(Buffer.from(`${JSON.stringify(message)}\n`));
  }

  #end(end: ProcessEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#control.destroy();
    this.#options.onEnd(end);
  }
}
