import path from 'node:path';

import type { ActionKind } from './action.ts';
import { fromByteText } from './byte-text.ts';
import { RouteError } from './route-error.ts';

/**
 * `chdir:DIR`: where relative names of files count from in the rules behind it, for this request. (uWSGI takes its whole worker there,
 * for later requests too.)
 */
const chdir: ActionKind = {
  compile: ({ argument, template, settings }) => {
    const name = template(argument);
    if (name.constant === '') throw new RouteError('invalid route syntax: chdir: needs a directory');
    return (context) => {
      context.directory = path.resolve(context.directory ?? settings.directory, fromByteText(name.evaluate(context)));
      return 'next';
    };
  },
};

export const DIRECTORY_ACTIONS: Readonly<Record<string, ActionKind>> = { chdir };
