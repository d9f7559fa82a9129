import { extname } from 'node:path';

import { findProgram, isExecutable } from '@emperor/posix';

/** The program that runs a configuration file. */
export interface VassalCommand {
  readonly file: string;
  /** Before the options that name the configuration. */
  readonly arguments: readonly string[];
  /**
   * Not a `vassal` of ours. It does not necessarily notice that the emperor is gone, so the kernel is asked to end it then
   * (uWSGI's emperor does the same, UWSGI-FACTS 13.2).
   */
  readonly isForeign: boolean;
}

/** Options of uWSGI's by the extension of the file (UWSGI-FACTS 13.2); any other file is left to `--config`. */
const CONFIG_OPTIONS: Readonly<Record<string, string>> = {
  '.ini': '--ini',
  '.xml': '--xml',
  '.yml': '--yaml',
  '.yaml': '--yaml',
  '.js': '--json',
  '.json': '--json',
};

/** The options that name the configuration: `--ini a.ini`. */
export function configArguments(name: string): string[] {
  return [CONFIG_OPTIONS[extname(name)] ?? '--config', name];
}

/** The command as it is spawned. */
export function spawnable(command: VassalCommand, setpriv: string | undefined): { file: string; arguments: string[] } {
  if (!command.isForeign || setpriv === undefined) return { file: command.file, arguments: [...command.arguments] };
  return { file: setpriv, arguments: ['--pdeathsig', 'KILL', '--', command.file, ...command.arguments] };
}

/** Whether a command of this name, or path, can be run. */
export function isProgram(file: string, path: string): boolean {
  return file.includes('/') ? isExecutable(file) : findProgram(file, path) !== undefined;
}

/** Cuts a command line into words at blanks; quotes of both kinds hold words together, there is no shell behind it. */
export function splitCommand(text: string): string[] {
  const words = text.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? [];
  return words.map((word) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double));
}
