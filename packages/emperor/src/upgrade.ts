import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { setInheritable } from '@emperor/posix';

import type { InheritedSocket } from './on-demand/socket-store.ts';
import type { Environment } from './vassal/vassal-environment.ts';

/** How the emperor was started, and is started again when it is upgraded. */
export interface OwnCommand {
  /** Absolute. */
  readonly file: string;
  readonly arguments: readonly string[];
}

/** Environment variable in which an emperor tells its successor in the same process which sockets it hands over. */
export const HANDED_SOCKETS_VARIABLE = 'EMPEROR_HANDED_SOCKETS';

/** A new version that takes longer to tell its name than this is none. */
const TRIAL_PATIENCE_MS = 10_000;

/** What is in the way of an upgrade: the program that would take over does not even start. Undefined: nothing. */
export async function upgradeObstacle({ file }: OwnCommand): Promise<string | undefined> {
  try {
    await promisify(execFile)(file, ['--version'], { timeout: TRIAL_PATIENCE_MS });
    return undefined;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return `${file} --version failed: ${stderr?.trim() || message}`;
  }
}

/** Gives this process to the program as it is now on disk (execve(2)): the process id stays, and so do the children. */
export function becomeAnew(
  { file, arguments: words }: OwnCommand,
  environment: Environment,
  sockets: readonly InheritedSocket[],
): never {
  for (const { descriptor } of sockets) setInheritable(descriptor, true);
  const handed = JSON.stringify(sockets.map(({ name, descriptor }) => ({ name, descriptor })));
  const next = { ...environment, [HANDED_SOCKETS_VARIABLE]: handed };
  const known = Object.entries(next).filter((entry): entry is [string, string] => entry[1] !== undefined);
  process.execve?.(file, [file, ...words], Object.fromEntries(known));
  throw new Error('this system cannot replace a running program');
}

/** What the emperor before in this process has handed over. */
export function handedSockets(environment: Environment): InheritedSocket[] {
  try {
    return JSON.parse(environment[HANDED_SOCKETS_VARIABLE] ?? '[]') as InheritedSocket[];
  } catch {
    return [];
  }
}
