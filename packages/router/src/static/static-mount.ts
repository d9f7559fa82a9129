import { statSync } from 'node:fs';
import path from 'node:path';

import { StaticOptionError, type StaticOptions } from './static-options.ts';

/** Where the file of a request may lie. */
export interface Candidate {
  readonly file: string;
  /** The directory, or single file, that the file must not lie outside of. */
  readonly root: string;
}

/** One of the places that are searched, in order. `requested` is PATH_INFO and begins with a slash. */
export type StaticMount = (requested: string, documentRoot: string | undefined) => Candidate | undefined;

/**
 * The places in which files are looked for: maps, then check-static, then the document root (UWSGI-FACTS 10.1).
 * @throws {StaticOptionError} for a map without `=`
 */
export function staticMounts(options: StaticOptions, workingDirectory: string): StaticMount[] {
  const mounts: StaticMount[] = [];
  for (const map of options['static-map'] ?? []) mounts.push(prefixMount('static-map', map, workingDirectory));
  for (const map of options['static-map2'] ?? []) mounts.push(prefixMount('static-map2', map, workingDirectory));
  for (const directory of options['check-static'] ?? []) {
    const root = path.resolve(workingDirectory, directory);
    mounts.push((requested) => ({ file: root + requested, root }));
  }
  if (options['check-static-docroot'] === true) mounts.push(documentRootMount);
  return mounts;
}

function documentRootMount(requested: string, documentRoot: string | undefined): Candidate | undefined {
  if (documentRoot === undefined || documentRoot === '') return undefined;
  return { file: documentRoot + requested, root: documentRoot };
}

/**
 * `static-map`: a prefix of the path stands for the directory; `static-map2` keeps the prefix behind the directory. The prefix need not
 * end at a slash. A map to a single file serves it for everything below the prefix.
 */
function prefixMount(option: 'static-map' | 'static-map2', map: string, workingDirectory: string): StaticMount {
  const equals = map.indexOf('=');
  if (equals === -1) {
    throw new StaticOptionError(option, map, 'invalid document root in static map: the syntax is mountpoint=docroot');
  }
  const prefix = map.slice(0, equals);
  const root = path.resolve(workingDirectory, map.slice(equals + 1));
  const isFile = statSync(root, { throwIfNoEntry: false })?.isFile() === true;
  return (requested) => {
    if (!requested.startsWith(prefix)) return undefined;
    if (isFile) return { file: root, root };
    const rest = option === 'static-map2' ? requested : requested.slice(prefix.length);
    return { file: rest === '' || rest.startsWith('/') ? root + rest : `${root}/${rest}`, root };
  };
}
