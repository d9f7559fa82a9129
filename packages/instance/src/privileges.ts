import { readFileSync } from 'node:fs';

import { StartError } from './start-error.ts';

function lookUp(file: string, name: string): string[] | undefined {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[0] === name || fields[2] === name);
}

/** @throws StartError when there is no such user or group */
export function resolveId(kind: 'user' | 'group', text: string): number {
  const fields = lookUp(kind === 'user' ? '/etc/passwd' : '/etc/group', text);
  if (fields?.[2] !== undefined) return Number(fields[2]);
  if (/^\d+$/.test(text)) return Number(text);
  throw new StartError(`option ${kind === 'user' ? 'uid' : 'gid'}: there is no ${kind} "${text}" on this machine`);
}

export interface PrivilegeOptions {
  readonly uid: string | undefined;
  readonly gid: string | undefined;
  /** Further groups (`add-gid`). */
  readonly groups: readonly string[];
  /** The groups the user is a member of are added, unless `no-initgroups` says otherwise. */
  readonly ownGroups: boolean;
}

/** Owner of a socket file: `USER[:GROUP]`, names or numbers; -1 leaves the group as it is. @throws StartError for an unknown name */
export function parseOwner(text: string): { uid: number; gid: number } {
  const [user = '', group] = text.split(':');
  return { uid: resolveId('user', user), gid: group === undefined ? -1 : resolveId('group', group) };
}

/**
 * Gives root up, as the options say: the group first, then the user with the supplementary groups of that user or none.
 * Names or numbers (UWSGI-FACTS 9.10). Only root can; for others the options must name who they are already.
 */
export function dropPrivileges({ uid, gid, groups, ownGroups }: PrivilegeOptions, log: (line: string) => void): void {
  if (process.getuid?.() !== 0) return;
  if (uid === undefined && gid === undefined) {
    log('uWSGI running as root, you can use --uid/--gid/--chroot options');
    log('*** WARNING: you are running uWSGI as root !!! (use the --uid flag) *** ');
    return;
  }
  const groupId = gid === undefined ? undefined : resolveId('group', gid);
  const furtherIds = groups.map((name) => resolveId('group', name));
  const userId = uid === undefined ? undefined : resolveId('user', uid);
  if (groupId !== undefined) {
    log(`setgid() to ${groupId}`);
    process.setgid?.(groupId);
  }
  if (userId !== undefined) {
    log(`setuid() to ${userId}`);
    const name = lookUp('/etc/passwd', String(userId))?.[0];
    if (name === undefined || !ownGroups) process.setgroups?.(groupId === undefined ? [] : [groupId]);
    else initgroups(name, groupId ?? process.getgid?.() ?? 0);
    if (furtherIds.length > 0) process.setgroups?.([...(process.getgroups?.() ?? []), ...furtherIds]);
    process.setuid?.(userId);
  }
}

/** Missing in the type declarations of Node. */
function initgroups(user: string, group: number): void {
  (process as unknown as { initgroups(user: string, group: number): void }).initgroups(user, group);
}
