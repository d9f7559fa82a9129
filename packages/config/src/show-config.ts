import type { Config } from './load.ts';

/** The effective entries as an ini file, in the form of uWSGI's `--show-config`. */
export function showConfig(config: Config): string {
  const lines = config.entries.map(({ key, value }) => `${key} = ${value}`);
  return ['', ';uWSGI instance configuration', '[uwsgi]', ...lines, ';end of configuration', ''].join('\n');
}
