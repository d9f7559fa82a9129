import { existsSync } from 'node:fs';

import type { VassalLaunch } from './vassal-launch.ts';

/** Why a command could not be run, as a sentence. The system says ENOENT of a missing program and of a missing directory alike. */
export function launchProblem({ file, workingDirectory }: VassalLaunch, error: NodeJS.ErrnoException): string {
  const tried = `could not run "${file}"`;
  switch (error.code) {
    case 'ENOENT':
      return existsSync(workingDirectory)
        ? `${tried}: there is no such program`
        : `${tried} in "${workingDirectory}": there is no such directory`;
    case 'EACCES':
      return `${tried}: permission denied; it must be executable, and its directory and "${workingDirectory}" accessible`;
    case 'EAGAIN':
      return `${tried}: the limit of processes is reached; see \`ulimit -u\``;
    case 'EMFILE':
    case 'ENFILE':
      return `${tried}: the limit of open files is reached; see \`ulimit -n\``;
    default:
      return `${tried}: ${error.message}`;
  }
}
