import type { Entry } from '@emperor/config';

import { StartError } from './start-error.ts';

/**
 * Reads `key=value,key=value`, as uWSGI's options with a 2 at the end take it. A comma in a value is written `\,`.
 * @param known keys that mean something, with the name each goes by
 * @throws StartError for a word that is no `key=value`, or a key that is not known
 */
export function readKeyValues<Name extends string>(
  { key, value, origin }: Entry,
  text: string,
  known: Readonly<Record<string, Name>>,
): ReadonlyMap<Name, string> {
  const values = new Map<Name, string>();
  for (const part of text.split(/(?<!\\),/)) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals < 0 ? undefined : known[part.slice(0, equals).trim()];
    if (name === undefined) {
      const place = origin.line > 0 ? `${origin.source}:${origin.line}` : origin.source;
      throw new StartError(
        `${place}: ${key} = ${value}: "${part}" is not understood: expected KEY=VALUE with the keys ${Object.keys(known).join(', ')} (a comma in a value is written \\,)`,
      );
    }
    values.set(name, part.slice(equals + 1).replaceAll('\\,', ','));
  }
  return values;
}
