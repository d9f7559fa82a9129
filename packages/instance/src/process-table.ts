import { readdirSync, readFileSync } from 'node:fs';

/** Whether a process runs: one that has ended and waits for its parent does not. */
export function isRunning(pid: number): boolean {
  const state = /^.*\) (.)/s.exec(read(`/proc/${pid}/stat`) ?? '')?.[1];
  if (state !== undefined) return state !== 'Z' && state !== 'X';
  return process.platform !== 'linux' && answersSignals(pid);
}

/** The pid a pidfile names, if that process runs. */
export function pidOfFile(path: string): number | undefined {
  const pid = Number.parseInt(read(path) ?? '', 10);
  return pid > 1 && isRunning(pid) ? pid : undefined;
}

/** A running process that has `variable` (`NAME=value`) in its environment and is not of `session`. */
export function processWith(variable: string, session: number): number | undefined {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const itsSession = /^.*\) . \d+ \d+ (\d+)/s.exec(read(`/proc/${name}/stat`) ?? '')?.[1];
    const pid = Number(name);
    if (itsSession === undefined || Number(itsSession) === session || !isRunning(pid)) continue;
    if (read(`/proc/${name}/environ`)?.split('\0').includes(variable) === true) return pid;
  }
  return undefined;
}

/** Whether anything still runs in a process group. */
export function isGroupRunning(group: number): boolean {
  if (!answersSignals(-group)) return false;
  // What has ended counts for the kernel until somebody has waited for it, and the new parent may take its time.
  return process.platform !== 'linux' || readdirSync('/proc').some((name) => isRunningMember(name, group));
}

function isRunningMember(name: string, group: number): boolean {
  if (!/^\d+$/.test(name)) return false;
  const [, state = 'X', itsGroup] = /^.*\) (.) \d+ (\d+)/s.exec(read(`/proc/${name}/stat`) ?? '') ?? [];
  return Number(itsGroup) === group && state !== 'Z' && state !== 'X';
}

/** Sends a signal to a process and its group; nothing happens when they are gone. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch (error) {
      // ESRCH: it leads no group, or has ended.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined; // it has ended, or is another user's
  }
}
