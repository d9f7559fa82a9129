import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

/** Where the fixtures live; the real uWSGI and ours both run in a directory of it. */
export const FIXTURES: string = fileURLToPath(new URL('../../fixtures/', import.meta.url));

/** The environment both run in. */
export const FIXTURE_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  FIXTURE: 'fixture',
  FIXTURE_EMPTY: '',
};

/** One command line to compare on. */
export interface Case {
  readonly name: string;
  readonly directory: string;
  readonly argv: readonly string[];
  /** File of the recorded answer. */
  readonly answer: string;
}

/** The cases of a fixture directory: `NAME.args` holds a command line; without it the file itself is the argument. */
export function casesIn(folder: string): Case[] {
  const directory = path.join(FIXTURES, folder);
  const files = readdirSync(directory).filter((file) => /\.(?:ini|yml|json|xml|args)$/.test(file));
  const names = new Set(files.map((file) => (file.endsWith('.args') ? file.slice(0, -5) : file.replace(/\.\w+$/, ''))));
  return [...names].toSorted().map((name) => {
    const args = path.join(directory, `${name}.args`);
    const file = files.find((candidate) => candidate.replace(/\.\w+$/, '') === name && !candidate.endsWith('.args'));
    const whole = file?.endsWith('.ini') === true ? ['--ini', file] : [file ?? name];
    const argv = existsSync(args) ? readFileSync(args, 'utf8').trim().split(/\s+/) : whole;
    return { name, directory, argv, answer: path.join(directory, `${name}.answer`) };
  });
}

/** What makes uWSGI show its configuration and exit without opening a socket. */
const PLUGINS =
  'python3,http,logfile,cheaper_busyness,router_basicauth,router_cache,router_redirect,router_static,cache,spooler';
const EXTRA = ['--show-config', '--clock', 'none'];
const EXTRA_LINES = /^(?:plugins = python3,http,.*|show-config = true|clock = none)\n/gm;

/** The lines of `--show-config` of the real uWSGI, or `undefined` where it is not installed or refuses the configuration. */
export function askUwsgi({ argv, directory }: Case): string | undefined {
  const { stderr, stdout, error } = spawnSync('uwsgi', ['--plugins', PLUGINS, ...argv, ...EXTRA], {
    cwd: directory,
    env: FIXTURE_ENVIRONMENT,
    encoding: 'utf8',
    timeout: 10_000,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error !== undefined) return undefined;
  const output = /;uWSGI instance configuration\n\[uwsgi\]\n([^]*?);end of configuration/.exec(stderr + stdout)?.[1];
  return output?.replaceAll(EXTRA_LINES, '').replaceAll(directory, '{DIR}');
}
