import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** One hierarchy of control groups, and where this process is in it. */
export interface Hierarchy {
  /** 2 for the unified one. */
  readonly version: 1 | 2;
  /** Of version 1: `memory`, `cpu`, … */
  readonly controllers: readonly string[];
  /** The group of this process, as a directory. */
  readonly directory: string;
}

/** Where control groups are to be found (proc(5), cgroups(7)); empty where there are none. */
export function findHierarchies(): Hierarchy[] {
  try {
    return readHierarchies(readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync('/proc/self/cgroup', 'utf8'));
  } catch {
    return [];
  }
}

/** From the texts of `/proc/self/mountinfo` and `/proc/self/cgroup`. */
export function readHierarchies(mounts: string, groups: string): Hierarchy[] {
  const paths = new Map<string, string>();
  for (const line of groups.split('\n')) {
    const [, controllers = '', path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path !== undefined) for (const controller of controllers.split(',')) paths.set(controller, path);
  }
  return mounts.split('\n').flatMap((line) => readMount(line, paths));
}

/** `30 23 0:26 ROOT MOUNTPOINT OPTIONS … - TYPE SOURCE SUPEROPTIONS`. The unified hierarchy is the one without a controller. */
function readMount(line: string, paths: ReadonlyMap<string, string>): Hierarchy[] {
  const [fields = '', rest = ''] = line.split(' - ');
  const [, , , root = '/', mountPoint = ''] = fields.split(' ');
  const [type, , options = ''] = rest.split(' ');
  if (type !== 'cgroup' && type !== 'cgroup2') return [];
  const controllers = type === 'cgroup2' ? [''] : options.split(',').filter((option) => paths.has(option));
  const path = paths.get(controllers[0] ?? '');
  if (path === undefined) return [];
  const directory = join(mountPoint, relative(root, path));
  return [{ version: type === 'cgroup2' ? 2 : 1, controllers: controllers.filter(Boolean), directory }];
}
