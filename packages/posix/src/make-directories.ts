import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory, and those above it that are missing. Not by `recursive` of node:fs: that tries for ever where the kernel says of
 * a parent that is there that there is no such file, as below /proc.
 *
 * @param mode of those that are made, less what the umask forbids
 * @returns whether the directory itself was made
 * @throws Error of the file system
 */
export function makeDirectories(path: string, mode = 0o777): boolean {
  if (isDirectory(path)) return false;
  const parent = dirname(path);
  if (!existsSync(parent)) makeDirectories(parent, mode);
  try {
    mkdirSync(path, mode);
    return true;
  } catch (error) {
    // Another process may have been quicker.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && isDirectory(path)) return false;
    throw error;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
