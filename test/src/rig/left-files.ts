import { readdirSync, type Dirent } from 'node:fs';
import { join, relative } from 'node:path';

/** Paths below `directory` of sockets anywhere, and of whatever lies in `run/` and `tmp/`, where a program in order leaves nothing. */
export function leftFiles(directory: string): string[] {
  return Array.from(entriesBelow(directory), ([path, entry]) => ({ name: relative(directory, path), entry }))
    .filter(({ name, entry }) => entry.isSocket() || (!entry.isDirectory() && /^(run|tmp)\//.test(name)))
    .map(({ name }) => name);
}

/** Unlike node's own recursion this does not follow symbolic links. */
function* entriesBelow(directory: string): Generator<readonly [path: string, entry: Dirent]> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    yield [path, entry];
    if (entry.isDirectory()) yield* entriesBelow(path);
  }
}
