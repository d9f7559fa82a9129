import { lstatSync, realpathSync, statSync, watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Something that is watched. */
export interface Watch {
  /** Whether what is watched is still what its path means. */
  isTrue(): boolean;
  close(): void;
}

/**
 * Watches the entries of a directory. `onEntry` hears the name of an entry that has come, gone or changed, and undefined when
 * it is the directory itself, whose watch may be of no use then. @throws Error of the system
 */
export function watchDirectory(directory: string, onEntry: (name: string | undefined) => void): Watch {
  const own = basename(directory);
  const watcher = watch(directory, (event, name) => {
    // The system gives a directory that has gone away its own name.
    onEntry(name === null || (event === 'rename' && name === own) ? undefined : name);
  });
  watcher.on('error', () => onEntry(undefined));
  const inode = inodeOf(directory);
  return { isTrue: () => inodeOf(directory) === inode, close: () => watcher.close() };
}

/**
 * Watches one file, or for one that is not there yet. `onMove` is called when something has happened to it; the watch may be
 * of no use then: what it follows is what is there now, not what takes its place. What lies beside the file is not noticed,
 * however often it is written to. @throws Error of the system
 */
export function watchPath(path: string, onMove: () => void): Watch {
  const watches: Watch[] = [];
  try {
    watches.push(watchFile(path, onMove));
    for (const link of linksOn(path)) watches.push(watchName(link, onMove));
  } catch (error) {
    for (const each of watches) each.close();
    throw error;
  }
  return {
    isTrue: () => watches.every((each) => each.isTrue()),
    close() {
      for (const each of watches) each.close();
    },
  };
}

/** One that is missing, or that this process may not read, is watched by its name. */
function watchFile(path: string, onMove: () => void): Watch {
  try {
    const watcher: FSWatcher = watch(path, onMove);
    watcher.on('error', onMove);
    const inode = inodeOf(path);
    return { isTrue: () => inodeOf(path) === inode, close: () => watcher.close() };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EACCES') throw error;
    return watchName(path, onMove);
  }
}

function watchName(path: string, onMove: () => void): Watch {
  const wanted = basename(path);
  return watchDirectory(dirname(path), (name) => {
    if (name === undefined || name === wanted) onMove();
  });
}

/** The symbolic links on the way to a file: to put another one in its place is how a release is deployed. */
function linksOn(path: string): string[] {
  if (withoutLinks(path) === path) return [];
  const segments = path.split('/');
  const prefixes = segments.map((_, index) => segments.slice(0, index + 1).join('/')).slice(1);
  return prefixes.filter((prefix) => lstatSync(prefix, { throwIfNoEntry: false })?.isSymbolicLink());
}

function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there, or not to be reached.
    return path;
  }
}

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.ino;
  } catch {
    return undefined;
  }
}
