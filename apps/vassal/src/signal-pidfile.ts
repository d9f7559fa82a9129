import { readFileSync } from 'node:fs';

import type { Config } from '@emperor/config';

/** Options that only send a signal to another instance (uWSGI's `--stop PIDFILE` and its kin). */
const SIGNAL_OF = {
  stop: 'SIGINT',
  reload: 'SIGHUP',
  pause: 'SIGTSTP',
  suspend: 'SIGTSTP',
  resume: 'SIGTSTP',
} as const satisfies Record<string, NodeJS.Signals>;

/** @returns the exit code when one of these options is given, undefined otherwise */
export function signalByPidfile({ options }: Config, complain: (text: string) => void): number | undefined {
  for (const name of Object.keys(SIGNAL_OF) as (keyof typeof SIGNAL_OF)[]) {
    const pidfile = options[name];
    if (pidfile === undefined) continue;
    const problem = send(pidfile, SIGNAL_OF[name]);
    if (problem === undefined) return 0;
    complain(`cannot ${name} the instance of ${pidfile}: ${problem}`);
    return 1;
  }
  return undefined;
}

function send(pidfile: string, signal: NodeJS.Signals): string | undefined {
  try {
    const pid = Number.parseInt(readFileSync(pidfile, 'latin1'), 10);
    if (!(pid > 0)) return 'there is no process number in it';
    process.kill(pid, signal);
    return undefined;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return PROBLEMS[code] ?? message;
  }
}

/** What can be wrong with the file or its process, in words. */
const PROBLEMS: Readonly<Record<string, string>> = {
  ESRCH: 'its process does not run any more',
  EPERM: 'its process belongs to somebody else',
  ENOENT: 'there is no such file; an instance writes it when it has the option "pidfile"',
  EACCES: 'this user may not read the file',
  EISDIR: 'it is a directory',
};
