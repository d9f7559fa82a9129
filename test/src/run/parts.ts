import { spawnSync } from 'node:child_process';

/** Something that users have and some tests need. */
export type PartName =
  | 'nginx'
  | 'uwsgi'
  | 'gunicorn'
  | 'wrk'
  | 'flask'
  | 'django'
  | 'venv'
  | 'paste'
  | 'redis'
  | 'memcached'
  | 'prometheus'
  | 'systemd'
  | 'logrotate'
  | 'strace'
  | 'h2load'
  | 'chromium';

export interface Part {
  readonly name: PartName;
  readonly debianPackage: string;
  /** A command that succeeds where the part is there. */
  readonly probe: readonly [file: string, ...args: string[]];
}

/** Debian's Python: the one that has Debian's Flask and Django. */
export const debianPython = '/usr/bin/python3';

const parts: readonly Part[] = [
  { name: 'nginx', debianPackage: 'nginx-light', probe: ['nginx', '-v'] },
  {
    name: 'uwsgi',
    debianPackage: 'uwsgi-core uwsgi-plugin-python3',
    probe: ['uwsgi', '--plugin', 'python3,http', '--version'],
  },
  { name: 'gunicorn', debianPackage: 'gunicorn', probe: ['gunicorn', '--version'] },
  { name: 'wrk', debianPackage: 'wrk', probe: ['sh', '-c', 'command -v wrk'] },
  { name: 'flask', debianPackage: 'python3-flask', probe: [debianPython, '-c', 'import flask'] },
  { name: 'django', debianPackage: 'python3-django', probe: [debianPython, '-c', 'import django'] },
  { name: 'paste', debianPackage: 'python3-pastedeploy', probe: [debianPython, '-c', 'import paste.deploy'] },
  { name: 'venv', debianPackage: 'python3-venv', probe: [debianPython, '-c', 'import venv, ensurepip'] },
  { name: 'redis', debianPackage: 'redis-server', probe: ['redis-server', '--version'] },
  { name: 'memcached', debianPackage: 'memcached', probe: ['memcached', '--version'] },
  { name: 'prometheus', debianPackage: 'prometheus', probe: ['promtool', '--version'] },
  { name: 'systemd', debianPackage: 'systemd', probe: ['systemd-analyze', '--version'] },
  { name: 'strace', debianPackage: 'strace', probe: ['strace', '--version'] },
  { name: 'logrotate', debianPackage: 'logrotate', probe: ['logrotate', '--version'] },
  { name: 'h2load', debianPackage: 'nghttp2-client', probe: ['h2load', '--version'] },
  { name: 'chromium', debianPackage: 'chromium', probe: ['chromium', '--version'] },
];

/** The parts this machine lacks, of those named or of all. */
export function missingParts(names: readonly PartName[] = parts.map((part) => part.name)): Part[] {
  return parts.filter(({ name, probe: [file, ...args] }) => {
    return names.includes(name) && spawnSync(file, args, { stdio: 'ignore' }).status !== 0;
  });
}

/** Options of a test that needs parts: it is skipped, by name, where one is missing; under CI=true it then fails instead. */
export function needs(...names: readonly PartName[]): { skip: string | false } {
  const missing = missingParts(names);
  if (missing.length === 0 || process.env['CI'] === 'true') return { skip: false };
  return { skip: missing.map((part) => `${part.name} is missing (apt-get install ${part.debianPackage})`).join(', ') };
}
