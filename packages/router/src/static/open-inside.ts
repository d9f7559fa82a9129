import { closeSync, constants, fstatSync, openSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';

const { O_NOCTTY, O_NONBLOCK, O_RDONLY } = constants;

/** An open regular file, known to lie below one of the roots asked for. Whoever gets it closes it. */
export interface OpenedFile {
  readonly descriptor: number;
  readonly stat: Stats;
  /** Path without symbolic links. */
  readonly realPath: string;
}

/** A file that was refused because it lies outside of all roots. */
export interface OutsideFile {
  readonly outside: string;
}

/**
 * Opens a file for reading, if it is a regular file below one of the roots with all symbolic links resolved.
 *
 * What is checked is the file that is open, not its name: nothing that happens to the name between a check and the opening can
 * matter. O_NONBLOCK keeps a FIFO that takes the place of the file from stopping us.
 * @returns undefined when there is no such file or it cannot be read
 */
export function openInside(file: string, roots: readonly string[]): OpenedFile | OutsideFile | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return undefined;
  }
  let opened: OpenedFile | OutsideFile | undefined;
  try {
    opened = examine(descriptor, file, roots);
    return opened;
  } catch {
    return undefined;
  } finally {
    if (opened === undefined || 'outside' in opened) closeSync(descriptor);
  }
}

function examine(descriptor: number, file: string, roots: readonly string[]): OpenedFile | OutsideFile | undefined {
  const stat = fstatSync(descriptor);
  if (!stat.isFile()) return undefined;
  const realPath = realPathOf(descriptor, file, stat);
  if (realPath === undefined) return undefined;
  return roots.some((root) => isInside(realPath, root)) ? { descriptor, stat, realPath } : { outside: realPath };
}

/** Linux names the open file; elsewhere the name is resolved and must lead to the same file. */
function realPathOf(descriptor: number, file: string, stat: Stats): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    const realPath = realpathSync.native(file);
    const named = statSync(realPath);
    return named.ino === stat.ino && named.dev === stat.dev ? realPath : undefined;
  }
}

/** The root is resolved each time: a deployment may swap the link that it is. */
function isInside(realPath: string, root: string): boolean {
  let realRoot: string;
  try {
    realRoot = realpathSync.native(root);
  } catch {
    return false;
  }
  return realPath === realRoot || realPath.startsWith(realRoot === '/' ? '/' : `${realRoot}/`);
}
