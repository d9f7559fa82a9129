import { boundedReplace } from './bounded-replace.ts';
import { ConfigError } from './config-error.ts';
import { type RawEntry, withValue } from './raw-entry.ts';

/** An option that the configuration defines by `declare-option = NAME=OPTION=VALUE;OPTION=VALUE`. */
export interface DeclaredOption {
  readonly name: string;
  readonly parts: readonly { readonly key: string; readonly value: string }[];
}

/**
 * Reads the value of `declare-option`.
 * @throws {ConfigError} when it has not the form
 */
export function parseDeclaration(text: string): DeclaredOption {
  const equals = text.indexOf('=');
  const name = text.slice(0, Math.max(0, equals)).trim();
  if (name === '') {
    throw new ConfigError(
      'bad syntax of a declared option: expected NAME=OPTION=VALUE',
      'such as: limits=harakiri=$1;max-requests=$2',
    );
  }
  const parts = text
    .slice(equals + 1)
    .split(';')
    .map((part) => {
      const separator = part.indexOf('=');
      if (separator === -1) return { key: part.trim(), value: '' };
      return { key: part.slice(0, separator).trim(), value: part.slice(separator + 1) };
    })
    .filter(({ key }) => key !== '');
  // A declaration that sets itself would never end.
  if (parts.some(({ key }) => key === name))
    throw new ConfigError(`the declared option ${JSON.stringify(name)} sets itself`);
  return { name, parts };
}

/**
 * The entries that a use of a declared option stands for: `$1`… are its blank-separated words, empty where there is none.
 * @throws {ConfigError} when a value gets too long
 */
export function expandDeclaredOption(option: DeclaredOption, use: RawEntry): RawEntry[] {
  const words = use.value.split(' ').filter((word) => word !== '');
  return option.parts.map(({ key, value }) => ({
    ...withValue(
      use,
      boundedReplace(value, /\$(\d)/g, (match) => words[Number(match[1]) - 1] ?? ''),
    ),
    key,
    written: key,
  }));
}
