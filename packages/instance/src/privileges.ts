import { readFileSync } from 'node:fs';

import { StartError } from './start-error.ts';

function lookUp(file: string, name: string): string[] | undefined {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[0] === name || fields[2] === name);
}

function resolveId(kind: 'user' | 'group', text: string): number {
  const fields = lookUp(kind === 'user' ? '/etc/passwd' : '/etc/group', text);
  if (fields?.[2] !== undefined) return Number(fields[2]);
  if (/^\d+$/.test(text)) return Number(text);
  throw new StartError(`option ${kind === 'user' ? 'uid' : 'gid'}: there is no ${kind} "${text}" on this machine`);
}

export interface PrivilegeOptions {
  readonly uid: string | undefined;
  readonly gid: string | undefined;
}

/**
 * Gives root up, as the options say: the group first, then the user with the supplementary groups of that user or none.
 * Names or numbers (UWSGI-FACTS 9.10). Only root can; for others the options must name who they are already.
 */
export function dropPrivileges({ uid, gid }: PrivilegeOptions, log: (line: string) => void): void {
  if (process.getuid?.() !== 0) return;
  if (uid === undefined && gid === undefined) {
    log('uWSGI running as root, you can use --uid/--gid/--chroot options');
    log('*** WARNING: you are running uWSGI as root !!! (use the --uid flag) *** ');
    return;
  }
  const groupId = gid === undefined ? undefined : resolveId('group', gid);
  const userId = uid === undefined ? undefined : resolveId('user', uid);
  if (groupId !== undefined) {
    log(`setgid() to ${groupId}`);
    process.setgid?.(groupId);
  }
  if (userId !== undefined) {
    log(`setuid() to ${userId}`);
    const name = lookUp('/etc/passwd', String(userId))?.[0];
    if (name === undefined) process.setgroups?.(groupId === undefined ? [] : [groupId]);
    else
      (process as unknown as { initgroups(user: string, group: number): void }).initgroups(
        name,
        groupId ?? process.getgid?.() ?? 0,
      );
    process.setuid?.(userId);
  }
}
