import { RouteError } from './route-error.ts';

/**
 * Reads the `key=value,key=value` of some actions. A comma in a value is written `\,`.
 * @param known the keys the action understands
 * @throws {RouteError} for a word without `=` and for a key that is not known
 */
export function parseKeyValues(text: string, known: readonly string[]): ReadonlyMap<string, string> {
  return readKeyValues(text, known, (part) => {
    throw new RouteError(
      `invalid route syntax: "${part}" is not understood, expected KEY=VALUE`,
      `known keys: ${known.join(', ')}`,
    );
  });
}

/** The same for actions of which uWSGI ignores what it does not know: `unknown` is told of each such part. */
export function readKeyValues(
  text: string,
  known: readonly string[],
  unknown: (part: string) => void,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const part of text.split(/(?<!\\),/)) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const key = part.slice(0, Math.max(equals, 0)).trim();
    if (known.includes(key)) values.set(key, part.slice(equals + 1).replaceAll('\\,', ','));
    else unknown(part);
  }
  return values;
}
