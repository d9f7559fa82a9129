import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { CONTROLLERS, ControlGroup, type Controller } from './control-group.ts';
import { findHierarchies, type Hierarchy } from './hierarchies.ts';
import type { ResourceLimits } from './resource-limits.ts';

/*
 *   version 2     BASE/emperor       the emperor itself: a group with limited groups in it may have no processes of its own, but the root
 *                 BASE/vassal-ID     one process of a vassal, and all it starts
 *   version 1     BASE/vassal-ID     the same, in the hierarchy of each controller
 *
 * BASE is the group that the emperor was started in: of a service of systemd its own, if it says `Delegate=yes`.
 */

const EMPEROR = 'emperor';
const VASSAL = 'vassal-';

/** Makes control groups, of whichever version this machine has. */
export class ControlGroups {
  readonly #base: Base;
  #isPrepared = false;

  constructor(hierarchies: readonly Hierarchy[] = findHierarchies()) {
    this.#base = unified(hierarchies) ?? separate(hierarchies);
  }

  /** Makes the group of one process of a vassal. @throws Error with a sentence */
  make(id: string, limits: ResourceLimits): ControlGroup {
    const group = this.of(id);
    try {
      if (!this.#isPrepared) prepare(this.#base);
      this.#isPrepared = true;
      group.make(limits);
      return group;
    } catch (error) {
      group.remove();
      throw new Error(
        `its limits cannot be set: ${(error as Error).message}; they need control groups (memory, cpu, pids) that the emperor ` +
          'may write to: as root, or as a service of systemd with "Delegate=yes"',
        { cause: error },
      );
    }
  }

  /** The group of one process of a vassal, whoever made it. */
  of(id: string): ControlGroup {
    const { version, directories } = this.#base;
    const own = [...directories].map(([controller, directory]) => [controller, join(directory, VASSAL + id)] as const);
    return new ControlGroup(version, new Map(own));
  }
}

interface Base {
  readonly version: 1 | 2;
  readonly directories: ReadonlyMap<Controller, string>;
}

/** The unified hierarchy, where it has all controllers: a hybrid system has them in version 1. */
function unified(hierarchies: readonly Hierarchy[]): Base | undefined {
  const found = hierarchies.find(({ version }) => version === 2);
  if (found === undefined) return undefined;
  const { directory } = found;
  const base = basename(directory) === EMPEROR ? dirname(directory) : directory;
  const offered = controllersIn(base);
  if (!CONTROLLERS.every((each) => offered.includes(each))) return undefined;
  return { version: 2, directories: new Map(CONTROLLERS.map((each) => [each, base])) };
}

function separate(hierarchies: readonly Hierarchy[]): Base {
  const directories = new Map<Controller, string>();
  for (const { version, controllers, directory } of hierarchies) {
    if (version === 2) continue;
    for (const controller of CONTROLLERS) if (controllers.includes(controller)) directories.set(controller, directory);
  }
  return { version: 1, directories };
}

function controllersIn(directory: string): string[] {
  try {
    return readFileSync(join(directory, 'cgroup.controllers'), 'utf8').trim().split(' ');
  } catch {
    return [];
  }
}

/** Groups of version 2 pass controllers on only when they have no processes of their own: these get a group beside. */
function prepare({ version, directories }: Base): void {
  const base = directories.get('memory');
  if (version === 1 || base === undefined) return;
  if (!isRoot(base)) moveAside(base);
  writeFileSync(join(base, 'cgroup.subtree_control'), CONTROLLERS.map((each) => `+${each}`).join(' '));
}

/** The root of all groups may have both, and the processes of the kernel in it do not move. Only there is no type to be had. */
function isRoot(directory: string): boolean {
  return !existsSync(join(directory, 'cgroup.type'));
}

function moveAside(base: string): void {
  const beside = join(base, EMPEROR);
  mkdirSync(beside, { recursive: true });
  for (const pid of readFileSync(join(base, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)) {
    try {
      writeFileSync(join(beside, 'cgroup.procs'), pid);
    } catch (error) {
      // It has ended meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
