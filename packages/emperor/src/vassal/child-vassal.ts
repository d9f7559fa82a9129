import { spawn, type ChildProcess } from 'node:child_process';
import type { Duplex, Writable } from 'node:stream';

import type { EmperorByte } from '@emperor/protocol';

import { isConfined } from './confinement.ts';
import { EmperorWords } from './emperor-words.ts';
import { GATE_DESCRIPTOR, launchScript } from './launch-script.ts';
import { afterPatience } from './last-lines.ts';
import { launchProblem } from './launch-problem.ts';
import { killGroup, killTree, signalProcess } from './process-tree.ts';
import type { VassalExit } from './vassal-exit.ts';
import { EMPEROR_DESCRIPTOR, type VassalLaunch } from './vassal-launch.ts';
import { VassalOutput } from './vassal-output.ts';
import type { VassalProcess, VassalProcessListener } from './vassal-process.ts';

/** A vassal that is a child of this process. */
class ChildVassal implements VassalProcess {
  readonly pid: number;
  readonly #socket: Duplex;
  readonly #listener: VassalProcessListener;
  readonly #words = new EmperorWords();
  #hasEnded = false;

  constructor(child: ChildProcess, pid: number, listener: VassalProcessListener) {
    this.pid = pid;
    this.#socket = child.stdio[EMPEROR_DESCRIPTOR] as Duplex;
    this.#listener = listener;
    this.#socket.on('data', (bytes: Buffer) => this.#hear(bytes));
    // It closed its end, or died: its exit tells.
    this.#socket.on('error', () => undefined);
    // From here on the process id may be that of another.
    child.once('exit', () => (this.#hasEnded = true));
  }

  send(byte: EmperorByte): void {
    if (this.#socket.writable) this.#socket.write(Buffer.of(byte));
  }

  terminate(): void {
    if (!this.#hasEnded) signalProcess(this.pid, 'SIGTERM');
  }

  kill(): void {
    if (!this.#hasEnded) killTree(this.pid);
  }

  #hear(bytes: Buffer): void {
    for (const word of this.#words.hear(bytes)) this.#listener.onWord(word);
    if (!this.#words.isBabbling) return;
    this.#socket.pause();
    this.#listener.onBabble();
  }
}

/**
 * Starts a vassal in a process group of its own: what is typed at the emperor's terminal concerns the emperor alone, and all
 * that the vassal starts can be ended with it. A command that cannot be run is reported as an exit, and undefined returned.
 */
export function launchVassal(launch: VassalLaunch, listener: VassalProcessListener): VassalProcess | undefined {
  const output = launch.output === 'inherit' ? 'inherit' : 'pipe';
  const fail = (error: unknown): void =>
    listener.onExit({ kind: 'launch-failed', problem: launchProblem(launch, error as NodeJS.ErrnoException) });
  try {
    const { file, arguments: words, hasGate } = launchScript(launch);
    const child = spawn(file, words, {
      cwd: launch.workingDirectory,
      env: launch.environment,
      stdio: [launch.socket ?? 'ignore', output, output, 'pipe', ...(hasGate ? ['pipe' as const] : [])],
      detached: true,
      // Who is to be confined becomes its user afterwards.
      ...(isConfined(launch.confinement) ? {} : launch.user),
    });
    child.once('error', fail);
    if (child.pid === undefined) return undefined;
    if (hasGate) letThrough(child, child.pid, launch);
    return follow(child, child.pid, launch, listener);
  } catch (error) {
    queueMicrotask(() => fail(error));
    return undefined;
  }
}

/** Once it is limited. A group that does not take it is gone, and its end with it: it ends at the gate. */
function letThrough(child: ChildProcess, pid: number, { group }: VassalLaunch): void {
  const gate = child.stdio[GATE_DESCRIPTOR] as Writable;
  gate.on('error', () => undefined);
  try {
    group?.add(pid);
    gate.end('\n');
  } catch {
    gate.destroy();
  }
}

function follow(
  child: ChildProcess,
  pid: number,
  { isForeign }: VassalLaunch,
  listener: VassalProcessListener,
): VassalProcess {
  const { stdout, stderr } = child;
  if (stdout) new VassalOutput(listener.stdout, () => performance.now()).read(stdout);
  if (stderr) new VassalOutput(listener.stderr, () => performance.now()).read(stderr);
  child.once('exit', (code, signal) => {
    if (isForeign) killGroup(pid);
    const exit: VassalExit = signal === null ? { kind: 'code', code: code ?? 0 } : { kind: 'signal', signal };
    afterLastLines(child, () => listener.onExit(exit));
  });
  return new ChildVassal(child, pid, listener);
}

function afterLastLines(child: ChildProcess, tell: () => void): void {
  const finish = (): void => {
    callOff();
    child.off('close', finish);
    // A daemon that it leaves behind may hold the other ends for ever, one more after each restart.
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    tell();
  };
  const callOff = afterPatience(finish);
  child.once('close', finish);
}
