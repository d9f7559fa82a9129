import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import { VassalOutput, type OutputListener } from '../vassal/vassal-output.ts';

export interface HookCommand {
  readonly words: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `inherit`: it writes where the emperor writes. */
  readonly output: 'inherit' | { readonly stdout: OutputListener; readonly stderr: OutputListener };
}

/** Vassals wait for hooks, and nobody waits for ever. */
const PATIENCE_MS = 30_000;

/** As a shell has it: the program is not there. */
const NOT_FOUND = 127;

/** Runs a command to its end, in 30 s. Returns its exit status as a shell has it: 128 and more for a signal. */
export function runCommand({ words, workingDirectory, environment, output }: HookCommand): Promise<number> {
  const [file = '', ...args] = words;
  const out = output === 'inherit' ? 'inherit' : 'pipe';
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: workingDirectory,
      env: environment,
      stdio: ['ignore', out, out],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
    });
    child.once('error', () => resolve(NOT_FOUND));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 0)));
    if (output === 'inherit') return;
    if (child.stdout) new VassalOutput(output.stdout, () => performance.now()).read(child.stdout);
    if (child.stderr) new VassalOutput(output.stderr, () => performance.now()).read(child.stderr);
  });
}
