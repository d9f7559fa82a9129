import { spawnSync } from 'node:child_process';

import { missingParts, type Part } from '../run/parts.ts';

/** Programs that somebody is compared with, or that make load: the peer, how it is asked for its version, and what it says. */
const PROGRAMS: readonly (readonly [name: Part['name'], command: readonly [string, ...string[]]])[] = [
  ['uwsgi', ['uwsgi', '--version']],
  ['gunicorn', ['gunicorn', '--version']],
  ['nginx', ['nginx', '-v']],
  ['memcached', ['memcached', '--version']],
  ['wrk', ['wrk', '--version']],
  ['h2load', ['h2load', '--version']],
];

/** Who is here to be compared with, and who is not. */
export interface Parties {
  /** Names with versions. */
  readonly found: readonly string[];
  /** Names with what brings them. */
  readonly missing: readonly string[];
}

export function findParties(): Parties {
  const missing = missingParts(PROGRAMS.map(([name]) => name));
  const isMissing = (name: string): boolean => missing.some((part) => part.name === name);
  return {
    found: PROGRAMS.filter(([name]) => !isMissing(name)).map(([name, command]) => `${name} ${versionOf(command)}`),
    missing: missing.map(({ name, debianPackage }) => `${name} (apt-get install ${debianPackage})`),
  };
}

function versionOf([file, ...args]: readonly [string, ...string[]]): string {
  const { stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  return /\d+(?:\.\d+)+/.exec(`${stdout}${stderr}`)?.[0] ?? '';
}
