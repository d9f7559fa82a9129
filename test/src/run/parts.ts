import { spawnSync } from 'node:child_process';

/** Something that users have and some tests need. */
export interface Part {
  readonly name: string;
  readonly debianPackage: string;
  /** A command that succeeds where the part is there. */
  readonly probe: readonly [file: string, ...args: string[]];
}

/** Debian's Python: the one that has Debian's Flask and Django. */
export const debianPython = '/usr/bin/python3';

const parts = {
  nginx: { debianPackage: 'nginx-light', probe: ['nginx', '-v'] },
  uwsgi: {
    debianPackage: 'uwsgi uwsgi-plugin-python3 uwsgi-plugins-all',
    probe: ['uwsgi', '--plugin', 'python3,http', '--version'],
  },
  gunicorn: { debianPackage: 'gunicorn', probe: ['gunicorn', '--version'] },
  wrk: { debianPackage: 'wrk', probe: ['sh', '-c', 'command -v wrk'] },
  flask: { debianPackage: 'python3-flask', probe: [debianPython, '-c', 'import flask'] },
  django: { debianPackage: 'python3-django', probe: [debianPython, '-c', 'import django'] },
  venv: { debianPackage: 'python3-venv', probe: [debianPython, '-c', 'import venv, ensurepip'] },
} as const satisfies Record<string, Omit<Part, 'name'>>;

export type PartName = keyof typeof parts;

function isThere(name: PartName): boolean {
  const [file, ...args] = parts[name].probe;
  return spawnSync(file, args, { stdio: 'ignore' }).status === 0;
}

/** The parts this machine lacks. */
export function missingParts(names: readonly PartName[] = Object.keys(parts) as PartName[]): Part[] {
  return names.filter((name) => !isThere(name)).map((name) => ({ name, ...parts[name] }));
}

/** Options of a test that needs parts: it is skipped, by name, where one is missing; under CI=true it then fails instead. */
export function needs(...names: readonly PartName[]): { skip: string | false } {
  const missing = missingParts(names);
  if (missing.length === 0 || process.env['CI'] === 'true') return { skip: false };
  return { skip: missing.map((part) => `${part.name} is missing (apt-get install ${part.debianPackage})`).join(', ') };
}
