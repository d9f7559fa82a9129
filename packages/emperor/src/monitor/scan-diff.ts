import type { VassalFile } from './vassal-file.ts';

/** What happened between two scans. */
export interface ScanDiff {
  readonly added: readonly VassalFile[];
  /** With their new fingerprints. */
  readonly changed: readonly VassalFile[];
  /** As they were last seen. */
  readonly removed: readonly VassalFile[];
}

/** Compares two scans, keyed by vassal name. Order follows the scans: additions and changes as in `current`. */
export function diffScans(
  previous: ReadonlyMap<string, VassalFile>,
  current: ReadonlyMap<string, VassalFile>,
): ScanDiff {
  const added: VassalFile[] = [];
  const changed: VassalFile[] = [];
  for (const [name, file] of current) {
    const known = previous.get(name);
    if (known === undefined) added.push(file);
    else if (!isSame(known, file)) changed.push(file);
  }
  const removed = [...previous.values()].filter((file) => !current.has(file.name));
  return { added, changed, removed };
}

/**
 * Any difference counts, an older time stamp too: uWSGI only looks for newer whole seconds and misses a restored backup
 * (UWSGI-FACTS 13.4).
 */
function isSame({ fingerprint: one, owner }: VassalFile, { fingerprint: other, owner: newOwner }: VassalFile): boolean {
  if (one === other) return true;
  const isSameOwner = owner?.uid === newOwner?.uid && owner?.gid === newOwner?.gid;
  return isSameOwner && one.mtimeMs === other.mtimeMs && one.inode === other.inode && one.size === other.size;
}
