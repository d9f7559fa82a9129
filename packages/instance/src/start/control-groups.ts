import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Config } from '@emperor/config';

import { StartError } from '../start-error.ts';

const DEFAULT_MODE = 0o700;

/**
 * Puts this process, and with it all it will start, into the control groups of `cgroup`, and writes the values of `cgroup-opt` into
 * each of them, as uWSGI does while it is still root.
 */
export function enterControlGroups(config: Config, log: (line: string) => void): void {
  const { options } = config;
  for (const directory of options.cgroup) {
    try {
      enter(directory, options['cgroup-dir-mode'] ?? DEFAULT_MODE, log);
      for (const setting of options['cgroup-opt']) write(directory, setting, log);
    } catch (error) {
      const { message } = error as Error;
      throw new StartError(`cgroup = ${directory}: ${message}; it takes a directory below /sys/fs/cgroup, and root`);
    }
  }
}

function enter(directory: string, mode: number, log: (line: string) => void): void {
  const isNew = !existsSync(directory);
  if (isNew) mkdirSync(directory, { mode });
  log(`${isNew ? 'created' : 'using'} Linux cgroup ${directory} with mode ${mode.toString(8)}`);
  // Version 2 has no list of tasks.
  const list = ['tasks', 'cgroup.procs'].map((name) => join(directory, name)).find(existsSync);
  if (list === undefined) throw new Error('it is no control group');
  writeFileSync(list, String(process.pid));
  log(`assigned process ${process.pid} to cgroup ${list}`);
}

function write(directory: string, setting: string, log: (line: string) => void): void {
  const separator = setting.indexOf('=');
  if (separator < 1) throw new Error(`cgroup-opt = ${setting} is no NAME=VALUE`);
  const path = join(directory, setting.slice(0, separator));
  const value = setting.slice(separator + 1);
  writeFileSync(path, value);
  log(`set ${value} to ${path}`);
}
