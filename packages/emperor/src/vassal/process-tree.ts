import { readdirSync, readFileSync } from 'node:fs';

/**
 * Kills a process and everything below it. Each is stopped before its children are listed, so that none can add another
 * meanwhile. Children that were handed on to init are found by their process group; only a daemon that made a session of its
 * own, which is what daemons do on purpose, is spared.
 */
export function killTree(pid: number): void {
  const tree = stopTree(pid);
  for (const each of tree) signalProcess(each, 'SIGKILL');
  killGroup(pid);
}

/** Kills what is left of the process group of a vassal, which had its own process id for its name. */
export function killGroup(pid: number): void {
  signalProcess(-pid, 'SIGKILL');
}

function stopTree(pid: number): number[] {
  signalProcess(pid, 'SIGSTOP');
  return [pid, ...childrenOf(pid).flatMap(stopTree)];
}

/** From the kernel's lists, one per thread (Linux, CONFIG_PROC_CHILDREN); without them only the process itself is known. */
function childrenOf(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'));
    return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
  } catch {
    return [];
  }
}

/** Sends a signal to a process, or with a negative number to a group, that may have ended already. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone, which is what signals are sent for here.
  }
}
