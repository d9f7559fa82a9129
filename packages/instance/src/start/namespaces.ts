import type { Config } from '@emperor/config';
import { leaveNamespaces, NAMESPACES } from '@emperor/posix';

import { StartError } from '../start-error.ts';

/** Those of uWSGI's that are refused, with the reason. */
const REFUSED: Readonly<Record<string, string>> = {
  pid: 'pids of the workers would not be theirs for the rest of the instance; start it with "unshare --fork --pid --mount-proc", or emperor-use-clone',
  user: 'the kernel gives it to processes with one thread only; start it with "unshare --user", or emperor-use-clone',
};

/** `unshare = ipc,net`: the namespaces this instance leaves. @throws StartError for one it cannot leave */
export function enterNamespaces(config: Config, log: (line: string) => void): void {
  for (const { value } of config.entriesOf('unshare')) {
    const mask = value.split(',').reduce((sum, name) => sum | namespaceOf(value, name.trim()), 0);
    try {
      leaveNamespaces(mask);
    } catch (error) {
      throw new StartError(`unshare = ${value}: ${(error as Error).message}; only root can`);
    }
    log(`[linux-namespace] applied unshare() mask: ${mask}`);
  }
}

function namespaceOf(value: string, name: string): number {
  const reason = REFUSED[name];
  if (reason !== undefined) throw new StartError(`unshare = ${value}: not ${name}: ${reason}`);
  if (!Object.hasOwn(NAMESPACES, name)) {
    const known = Object.keys(NAMESPACES).join(', ');
    throw new StartError(`unknown namespace subsystem: ${name} (unshare = ${value}: there are ${known})`);
  }
  return NAMESPACES[name as keyof typeof NAMESPACES];
}
