import path from 'node:path';

import type { ActionSource } from './action.ts';
import { fromByteText } from './byte-text.ts';
import type { RouteContext } from './route-context.ts';
import { RouteError } from './route-error.ts';

/** The file a rule names, and the directories it must really lie in. */
export interface FileTarget {
  rootsFor(context: RouteContext): readonly string[];
  /** @returns undefined for a name that leads out, or that no file can have */
  pathFor(context: RouteContext): string | undefined;
}

/** A rule without any variable names its file, wherever that lies. */
const ANYWHERE: readonly string[] = ['/'];
const CLIMBS = /(?:^|\/)\.\.(?:\/|$)/;

/**
 * Compiles the name of a file. Where part of it comes from the request (`/srv/img/$1`), the file must lie below the directory that is
 * written out in front of that part: uWSGI sends what `..` leads to.
 * @throws {RouteError} when there is no name
 */
export function compileFileTarget(text: string, { template, settings }: ActionSource): FileTarget {
  const name = template(text);
  if (name.constant === '') throw new RouteError('invalid route syntax: the name of the file is missing');
  if (name.constant !== undefined) {
    const written = fromByteText(name.constant);
    const file = path.resolve(settings.directory, written);
    return {
      rootsFor: () => ANYWHERE,
      pathFor: ({ directory }) => (directory === undefined ? file : path.resolve(directory, written)),
    };
  }
  const written = fromByteText(text.slice(0, text.lastIndexOf('/', text.indexOf('$')) + 1));
  const roots = written === '' ? ANYWHERE : [path.resolve(settings.directory, written)];
  return {
    rootsFor: ({ directory }) =>
      directory === undefined || written === '' ? roots : [path.resolve(directory, written)],
    pathFor: (context) => {
      const evaluated = fromByteText(name.evaluate(context));
      if (evaluated === '' || evaluated.includes('\0') || CLIMBS.test(evaluated)) return undefined;
      return path.resolve(context.directory ?? settings.directory, evaluated);
    },
  };
}
