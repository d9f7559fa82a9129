import {
  accessSync,
  chownSync,
  constants,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { CONTROL_SOCKET_VARIABLE } from '@emperor/protocol';

import { StartError } from './start-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Name of such a directory, before the process's namespace and id and six random characters. */
const NAME = 'emperor-instance-';

/** Who is going to use it; -1 leaves the user or group as it is. */
export interface RuntimeOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * A directory (0700) for what only the processes of one instance share: the caches, sockets of its own. Made when its path is first
 * asked for, so ask when privileges have been dropped: it belongs to who made it.
 */
export class RuntimeDirectory {
  readonly #environment: Environment;
  #path: string | undefined;
  #owner: RuntimeOwner | undefined;

  constructor(environment: Environment = process.env) {
    this.#environment = environment;
  }

  /** Makes it. @throws StartError where none can be made */
  get path(): string {
    if (this.#path === undefined) {
      this.#path = makeDirectory(candidates(this.#environment), this.#owner);
      this.handOver(this.#path);
    }
    return this.#path;
  }

  /** To be said before it is made, where the processes of the app will be somebody else than this one is now. */
  belongTo(owner: RuntimeOwner | undefined): void {
    this.#owner = owner;
  }

  /** Gives something in it to those it is for. */
  handOver(path: string): void {
    if (this.#owner !== undefined) chownSync(path, this.#owner.uid, this.#owner.gid);
  }

  /** Removes it with all that is in it. Does nothing where none was made. */
  remove(): void {
    if (this.#path === undefined) return;
    removeQuietly(this.#path);
    this.#path = undefined;
  }
}

/** Best first: the emperor's place for this process, what systemd gives, the user's session, the place for temporary files. */
function candidates(environment: Environment): string[] {
  const control = environment[CONTROL_SOCKET_VARIABLE];
  const given = environment['RUNTIME_DIRECTORY']?.split(':')[0];
  return [control ? dirname(control) : undefined, given, `/run/user/${process.getuid?.()}`, tmpdir(), '/tmp'].filter(
    (path) => path !== undefined && path !== '',
  ) as string[];
}

function makeDirectory(parents: readonly string[], owner: RuntimeOwner | undefined): string {
  const problems: string[] = [];
  for (const parent of parents) {
    try {
      accessSync(parent, constants.W_OK | constants.X_OK);
      if (owner !== undefined && !isOpenTo(parent, owner)) continue;
      sweep(parent);
      return mkdtempSync(join(parent, `${NAME}${processNamespace()}-${process.pid}-`));
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new StartError(`could not make a private directory for this instance: ${problems.join('; ')}`);
}

function isOpenTo(directory: string, owner: RuntimeOwner): boolean {
  const { uid, mode } = statSync(directory);
  return uid === owner.uid || (mode & constants.S_IXOTH) !== 0;
}

/** Removes those of instances that were killed and could not do it themselves. */
function sweep(parent: string): void {
  const prefix = `${NAME}${processNamespace()}-`;
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(parent, name);
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    const isOurs = lstatSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.();
    if (isOurs && pid !== process.pid && !existsProcess(pid)) removeQuietly(path);
  }
}

/** Containers can share a directory for temporary files: the process ids of one mean nothing in another. */
function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '');
  } catch {
    return '0';
  }
}

function existsProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** What cannot be removed is in nobody's way; the next instance sweeps. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // As said.
  }
}
