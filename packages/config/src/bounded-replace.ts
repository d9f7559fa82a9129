import { ConfigError } from './config-error.ts';
import { LIMITS } from './limits.ts';

/**
 * Replaces every match of a pattern, as `replaceAll` does, without letting the result grow beyond what a value may have.
 * @param pattern with the g flag, and without nested repetition
 * @throws {ConfigError} when the result is too long
 */
export function boundedReplace(text: string, pattern: RegExp, replacement: (match: RegExpExecArray) => string): string {
  let result = '';
  let copied = 0;
  for (const match of text.matchAll(pattern)) {
    result = appendBounded(result, text.slice(copied, match.index) + replacement(match));
    copied = match.index + match[0].length;
  }
  return copied === 0 ? text : appendBounded(result, text.slice(copied));
}

/**
 * Appends to a value that is being put together.
 * @throws {ConfigError} when it gets too long
 */
export function appendBounded(text: string, more: string): string {
  if (text.length + more.length > LIMITS.valueLength) {
    throw new ConfigError(`the value has more than ${LIMITS.valueLength} characters after expansion`);
  }
  return text + more;
}
