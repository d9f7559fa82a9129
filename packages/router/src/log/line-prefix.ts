import { cachedBySecond, ctime } from './ctime.ts';
import { strftime } from './strftime.ts';

/** Options that put something before each line that is not a request line. */
export interface LinePrefixOptions {
  readonly logdate?: string | undefined;
  readonly 'log-prefix'?: string | undefined;
}

/** What `log-date` and `log-prefix` make of a line (UWSGI-FACTS 8.7); undefined when they are not given. */
export function linePrefix(options: LinePrefixOptions): ((text: string) => string) | undefined {
  const { logdate: date, 'log-prefix': prefix } = options;
  if (date === undefined && prefix === undefined) return undefined;
  const fixed = prefix === undefined ? '' : `${prefix} `;
  const format = date === undefined ? () => '' : cachedBySecond(datePrefix(date));
  return (text) => `${fixed}${format(Math.floor(Date.now() / 1000))}- ${text}`;
}

function datePrefix(date: string): (unixSeconds: number) => string {
  if (date === 'true' || date === '') return (unixSeconds) => `${ctime(unixSeconds)} `;
  return (unixSeconds) => `${strftime(date, new Date(unixSeconds * 1000))} `;
}
