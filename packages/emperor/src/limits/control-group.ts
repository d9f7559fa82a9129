import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { signalProcess } from '../vassal/process-tree.ts';
import type { ResourceLimits } from './resource-limits.ts';

/** What has to be limited is limited by the controller of that name. */
export const CONTROLLERS = ['memory', 'cpu', 'pids'] as const;
export type Controller = (typeof CONTROLLERS)[number];

/** Time over which the share of the processor is counted, in microseconds: the kernel's own default. */
const CPU_PERIOD_US = 100_000;

/** A group cannot be removed while its last process is still being taken apart. */
const REMOVAL_PATIENCE = { everyMs: 50, times: 40 } as const;

/** The control group of one process of a vassal and of all that it starts; in version 1 a directory per controller. */
export class ControlGroup {
  readonly #version: 1 | 2;
  readonly #directories: ReadonlyMap<Controller, string>;
  readonly #all: readonly string[];

  constructor(version: 1 | 2, directories: ReadonlyMap<Controller, string>) {
    this.#version = version;
    this.#directories = directories;
    this.#all = [...new Set(directories.values())];
  }

  /** @throws Error of the file system */
  make(limits: ResourceLimits): void {
    for (const directory of this.#all) mkdirSync(directory, { recursive: true, mode: 0o755 });
    for (const { controller, file, value, isOptional } of settingsOf(this.#version, limits)) {
      const directory = this.#directories.get(controller);
      if (directory === undefined) throw new Error(`the kernel offers no control groups for ${controller}`);
      const path = join(directory, file);
      if (!isOptional || existsSync(path)) writeFileSync(path, value);
    }
  }

  /** Takes a process in. @throws Error of the file system */
  add(pid: number): void {
    for (const directory of this.#all) writeFileSync(join(directory, 'cgroup.procs'), String(pid));
  }

  /** How many of its processes the kernel has killed for want of memory. */
  get outOfMemoryKills(): number {
    const text = this.#read('memory', this.#version === 2 ? 'memory.events' : 'memory.oom_control');
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
  }

  /** Ends what is left in it, and removes it as soon as the kernel lets go of it. */
  remove(): void {
    for (const pid of this.#members()) signalProcess(pid, 'SIGKILL');
    let tries = 0;
    const attempt = (): void => {
      tries += 1;
      const left = this.#all.filter((directory) => !isRemoved(directory));
      if (left.length > 0 && tries < REMOVAL_PATIENCE.times) setTimeout(attempt, REMOVAL_PATIENCE.everyMs).unref();
    };
    attempt();
  }

  #members(): number[] {
    const lists = [...this.#directories.keys()].map((controller) => this.#read(controller, 'cgroup.procs'));
    return lists.flatMap((list) => list.split('\n').filter(Boolean).map(Number));
  }

  #read(controller: Controller, file: string): string {
    try {
      return readFileSync(join(this.#directories.get(controller) ?? '', file), 'utf8');
    } catch {
      // Gone, and nothing in it.
      return '';
    }
  }
}

interface Setting {
  readonly controller: Controller;
  readonly file: string;
  readonly value: string;
  /** Only kernels that count swap have it. */
  readonly isOptional?: true;
}

/** What to write where (cgroups(7)). What may not be kept in memory may not be swapped either, or the limit were none. */
function settingsOf(version: 1 | 2, { memoryBytes, cpuPercent, processes }: ResourceLimits): Setting[] {
  const settings: Setting[] = [];
  if (memoryBytes !== undefined) settings.push(...memorySettings(version, String(memoryBytes)));
  if (cpuPercent !== undefined) {
    const quotaUs = Math.round((cpuPercent / 100) * CPU_PERIOD_US);
    if (version === 2) settings.push({ controller: 'cpu', file: 'cpu.max', value: `${quotaUs} ${CPU_PERIOD_US}` });
    else {
      settings.push({ controller: 'cpu', file: 'cpu.cfs_period_us', value: String(CPU_PERIOD_US) });
      settings.push({ controller: 'cpu', file: 'cpu.cfs_quota_us', value: String(quotaUs) });
    }
  }
  if (processes !== undefined) settings.push({ controller: 'pids', file: 'pids.max', value: String(processes) });
  return settings;
}

function memorySettings(version: 1 | 2, bytes: string): Setting[] {
  if (version === 2) {
    return [
      { controller: 'memory', file: 'memory.max', value: bytes },
      { controller: 'memory', file: 'memory.swap.max', value: '0', isOptional: true },
    ];
  }
  return [
    { controller: 'memory', file: 'memory.limit_in_bytes', value: bytes },
    { controller: 'memory', file: 'memory.memsw.limit_in_bytes', value: bytes, isOptional: true },
  ];
}

function isRemoved(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
