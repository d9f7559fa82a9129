import { readFileSync } from 'node:fs';

import type { Config } from '@emperor/config';
import type { PythonPrivileges } from '@emperor/worker';

import { StartError } from './start-error.ts';

function lookUp(file: string, name: string): string[] | undefined {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[0] === name || fields[2] === name);
}

/** The number of a user or group, by name or number. @throws StartError for an unknown name */
export function resolveId(kind: 'user' | 'group', text: string): number {
  const fields = lookUp(kind === 'user' ? '/etc/passwd' : '/etc/group', text);
  if (fields?.[2] !== undefined) return Number(fields[2]);
  if (/^\d+$/.test(text)) return Number(text);
  throw new StartError(`option ${kind === 'user' ? 'uid' : 'gid'}: there is no ${kind} "${text}" on this machine`);
}

/** Owner of a socket file: `USER[:GROUP]`, names or numbers; -1 leaves the group as it is. @throws StartError for an unknown name */
export function parseOwner(text: string): { uid: number; gid: number } {
  const [user = '', group] = text.split(':');
  return { uid: resolveId('user', user), gid: group === undefined ? -1 : resolveId('group', group) };
}

/** When root is given up: before anything of the app's (as a rule), after the interpreter has started, after the apps are loaded, or only in the workers. */
export type PrivilegeMoment = 'start' | 'init' | 'apps' | 'fork';

export function privilegeMoment({ options }: Config): PrivilegeMoment {
  if (options['master-as-root']) return 'fork';
  if (options['drop-after-apps']) return 'apps';
  // Only root can enter a jail, which the interpreter does first of all.
  return options['drop-after-init'] || options.chroot !== undefined ? 'init' : 'start';
}

/** User and group, as names or numbers. */
export interface UserNames {
  readonly uid: string | undefined;
  readonly gid: string | undefined;
}

/** Who the processes are to be, in numbers. */
interface Identity {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** Of the user, whose groups are taken too; undefined where they are not. */
  readonly userName: string | undefined;
  /** Further groups (`add-gid`). */
  readonly groups: readonly number[];
}

function identityOf({ options }: Config, user: UserNames): Identity {
  const gid = user.gid === undefined ? undefined : resolveId('group', user.gid);
  const groups = options['add-gid'].map((name) => resolveId('group', name));
  const uid = user.uid === undefined ? undefined : resolveId('user', user.uid);
  const ownGroups = uid !== undefined && !options['no-initgroups'];
  return { uid, gid, groups, userName: ownGroups ? lookUp('/etc/passwd', String(uid))?.[0] : undefined };
}

/**
 * Gives root up, as the options say: the group first, then the user with the supplementary groups of that user or none.
 * Names or numbers (UWSGI-FACTS 9.10). Only root can; for others the options must name who they are already.
 */
export function dropPrivileges(config: Config, user: UserNames, log: (line: string) => void): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid, groups, userName } = identityOf(config, user);
  if (uid === undefined && gid === undefined) {
    log('uWSGI running as root, you can use --uid/--gid/--chroot options');
    log('*** WARNING: you are running uWSGI as root !!! (use the --uid flag) *** ');
    return;
  }
  if (gid !== undefined) {
    log(`setgid() to ${gid}`);
    process.setgid?.(gid);
  }
  if (uid !== undefined) {
    log(`setuid() to ${uid}`);
    if (userName === undefined) process.setgroups?.(gid === undefined ? [] : [gid]);
    else initgroups(userName, gid ?? process.getgid?.() ?? 0);
    if (groups.length > 0) process.setgroups?.([...(process.getgroups?.() ?? []), ...groups]);
    process.setuid?.(uid);
  }
}

/** For Python processes that are started before root is given up; undefined when they have nothing to give up. */
export function pythonPrivileges(config: Config): PythonPrivileges | undefined {
  const moment = privilegeMoment(config);
  if (moment === 'start' || process.getuid?.() !== 0) return undefined;
  const { uid = -1, gid = -1, groups, userName = '' } = identityOf(config, config.options);
  return uid < 0 && gid < 0 ? undefined : { moment, uid, gid, groups, userName };
}

/** Missing in the type declarations of Node. */
function initgroups(user: string, group: number): void {
  (process as unknown as { initgroups(user: string, group: number): void }).initgroups(user, group);
}
