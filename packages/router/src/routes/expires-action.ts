import { statSync } from 'node:fs';

import { formatHttpDate } from '../static/http-date.ts';
import { type ActionKind, ANSWER_PHASES } from './action.ts';
import { compileFileTarget } from './file-target.ts';
import { parseKeyValues } from './key-values.ts';
import { RouteError } from './route-error.ts';

/**
 * `expires:value=SECONDS`, counted from `unix=TIME`, from the modification of `filename=FILE`, or from now. (uWSGI counts from 1970
 * where neither is given.)
 */
const expires: ActionKind = {
  phases: ANSWER_PHASES,
  compile: (source) => {
    const keys = parseKeyValues(source.argument, ['value', 'unix', 'filename']);
    if (keys.size === 0) throw new RouteError('invalid route syntax: expires: needs value=SECONDS');
    const seconds = source.template(keys.get('value') ?? '0');
    const unix = source.template(keys.get('unix') ?? '');
    const file = keys.get('filename');
    const target = file === undefined ? undefined : compileFileTarget(file, source);
    return (context) => {
      const base = target === undefined ? numberOf(unix.evaluate(context)) : modificationTime(target.pathFor(context));
      const time = (base ?? Date.now() / 1000) + (numberOf(seconds.evaluate(context)) ?? 0);
      context.addHeader('Expires', formatHttpDate(Math.floor(time)));
      return 'next';
    };
  },
};

/** Expires values end in the year 9999. */
const LAST_SECOND = 253_402_300_799;

function numberOf(text: string): number | undefined {
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? undefined : Math.min(Math.max(number, 0), LAST_SECOND);
}

function modificationTime(file: string | undefined): number | undefined {
  const stat = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? undefined : stat.mtimeMs / 1000;
}

export const EXPIRES_ACTIONS: Readonly<Record<string, ActionKind>> = { expires };
