import type { Duplex } from 'node:stream';

import { execa } from 'execa';
import { EmperorByte, VassalByte } from '@emperor/protocol';

import { killTree, signalProcess } from './process-tree.ts';
import type { VassalExit } from './vassal-exit.ts';
import type { VassalWord } from './vassal-state.ts';
import { VassalOutput, type OutputListener } from './vassal-output.ts';

/** What to run for one vassal. */
export interface VassalLaunch {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** `inherit`: it writes where the emperor writes. `capture`: the emperor logs its lines. */
  readonly output: 'inherit' | 'capture';
}

export interface VassalProcessListener {
  onWord(word: VassalWord): void;
  /** It says what nobody understands; not listened to any more. */
  onBabble(): void;
  onExit(exit: VassalExit): void;
  readonly stdout: OutputListener;
  readonly stderr: OutputListener;
}

/** The emperor socket is always this descriptor in the vassal. */
export const EMPEROR_DESCRIPTOR = 3;

const WORDS: Readonly<Record<number, VassalWord>> = {
  [VassalByte.spawned]: 'spawned',
  [VassalByte.accepting]: 'accepting',
  [VassalByte.loyal]: 'loyal',
  [VassalByte.stopMe]: 'stop-me',
  [VassalByte.reloadRefused]: 'reload-refused',
  [VassalByte.heartbeat]: 'heartbeat',
};

/** Bytes without meaning that are put up with: newer uWSGIs may have words we do not know. */
const BABBLE_LIMIT = 1000;

/** A running vassal. */
export class VassalProcess {
  readonly pid: number;
  readonly #socket: Duplex;
  readonly #listener: VassalProcessListener;
  #babble = 0;

  constructor(pid: number, socket: Duplex, listener: VassalProcessListener) {
    this.pid = pid;
    this.#socket = socket;
    this.#listener = listener;
    socket.on('data', (bytes: Buffer) => this.#hear(bytes));
    // It closed its end, or died: its exit tells.
    socket.on('error', () => undefined);
  }

  send(byte: EmperorByte): void {
    if (this.#socket.writable) this.#socket.write(Buffer.of(byte));
  }

  terminate(): void {
    signalProcess(this.pid, 'SIGTERM');
  }

  /** It and everything below it. */
  kill(): void {
    killTree(this.pid);
  }

  #hear(bytes: Buffer): void {
    for (const byte of bytes) {
      const word = WORDS[byte];
      if (word !== undefined) this.#listener.onWord(word);
      else this.#babble += 1;
    }
    if (this.#babble <= BABBLE_LIMIT) return;
    this.#socket.pause();
    this.#listener.onBabble();
  }
}

/** Starts a vassal. A command that cannot be run is reported as an exit, and undefined returned. */
export function launchVassal(launch: VassalLaunch, listener: VassalProcessListener): VassalProcess | undefined {
  const output = launch.output === 'inherit' ? 'inherit' : 'pipe';
  const subprocess = execa(launch.file, launch.arguments, {
    cwd: launch.workingDirectory,
    env: launch.environment,
    extendEnv: false,
    stdio: ['ignore', output, output, 'pipe'],
    buffer: false,
    reject: false,
    cleanup: false,
    stripFinalNewline: false,
  });
  const { pid, stdout, stderr, stdio } = subprocess;
  if (stdout) new VassalOutput(listener.stdout, () => performance.now()).read(stdout);
  if (stderr) new VassalOutput(listener.stderr, () => performance.now()).read(stderr);
  subprocess.nodeChildProcess.once('exit', (code, signal) => {
    if (signal !== null) listener.onExit({ kind: 'signal', signal });
    else listener.onExit({ kind: 'code', code: code ?? 0 });
  });
  if (pid !== undefined) return new VassalProcess(pid, stdio[EMPEROR_DESCRIPTOR] as Duplex, listener);
  void subprocess.then((result) => {
    listener.onExit({ kind: 'launch-failed', problem: result.originalMessage ?? `could not run ${launch.file}` });
  });
  return undefined;
}
