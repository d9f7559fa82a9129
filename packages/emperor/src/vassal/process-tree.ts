import { readFileSync } from 'node:fs';

/**
 * Kills a process and everything below it. Each is stopped before its children are listed, so that none can add another
 * meanwhile. Children that were handed on to init (a daemon that detached itself on purpose) are no longer below it.
 */
export function killTree(pid: number): void {
  const tree = stopTree(pid);
  for (const each of tree) send(each, 'SIGKILL');
}

function stopTree(pid: number): number[] {
  send(pid, 'SIGSTOP');
  return [pid, ...childrenOf(pid).flatMap(stopTree)];
}

/** From the kernel's list per thread (Linux, CONFIG_PROC_CHILDREN); without it only the process itself is known. */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already, which is what we want.
  }
}
