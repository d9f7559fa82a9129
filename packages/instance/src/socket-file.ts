import { chmodSync, chownSync, lstatSync, unlinkSync } from 'node:fs';

import { parseOwner } from './privileges.ts';
import { StartError } from './start-error.ts';

/** Whose a socket file is to be. */
export interface SocketFilePermissions {
  /** `chmod-socket`; undefined leaves it to the umask. */
  readonly mode: number | undefined;
  /** `chown-socket`. */
  readonly owner: string | undefined;
}

export function givePermissions({ mode, owner }: SocketFilePermissions, path: string): void {
  if (mode !== undefined) chmodSync(path, mode);
  if (owner === undefined) return;
  const { uid, gid } = parseOwner(owner);
  chownSync(path, uid, gid);
}

/**
 * As uWSGI does, a socket file that is there already is replaced; anything else is left alone.
 * @throws StartError when it is in the way
 */
export function removeStaleFile(origin: string, path: string): void {
  if (path.startsWith('\0')) return;
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new StartError(
      `${origin}: cannot bind ${path}: there is a file of another kind in its place. Remove it or choose another path.`,
    );
  }
  unlinkSync(path);
}

/** The file of a UNIX socket that was bound here. */
export class SocketFile {
  readonly path: string;
  readonly #inode: number;

  constructor(path: string) {
    this.path = path;
    this.#inode = lstatSync(path).ino;
  }

  /** Removes it, unless another instance has put its own in its place. @returns whether it was removed */
  remove(): boolean {
    try {
      if (lstatSync(this.path).ino !== this.#inode) return false;
      unlinkSync(this.path);
      return true;
    } catch {
      return false;
    }
  }
}
