import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { lookUp, privateBytes } from '../rig/processes.ts';
import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';
import { realUwsgiEnvironment, repository } from '../rig/subject.ts';
import { until } from '../rig/until.ts';

/** What an emperor says of a vassal; ours and the real one have the same sentences. */
export const SAYS: Readonly<Record<'ready' | 'reload' | 'removed', RegExp>> = {
  ready: /vassal (\S+) is ready to accept requests/,
  reload: /reload the uwsgi instance ([^\s"]+)/,
  removed: /removed uwsgi instance ([^\s"]+)/,
};

/** A vassal that does nothing but speak the protocol. */
const TRIVIAL_VASSAL = `${repository}test/fixtures/vassals/trivial`;

const PATTERN = 'sites/*/uwsgi.ini';
const MS_PER_TICK = 10;

/** One emperor, ours or the real uWSGI's, over a tree of sites whose vassals are trivial programs. */
export class Ruler {
  readonly program: Program;
  readonly #rig: Rig;

  private constructor(rig: Rig, program: Program) {
    this.#rig = rig;
    this.program = program;
  }

  static async ours(rig: Rig, ...more: readonly string[]): Promise<Ruler> {
    const words = [`${repository}apps/emperor/bin/emperor`, '--glob', PATTERN, '--emperor-wrapper', TRIVIAL_VASSAL];
    return new Ruler(rig, await rig.start([...words, ...more]));
  }

  static async real(rig: Rig, ...more: readonly string[]): Promise<Ruler> {
    const words = ['uwsgi', '--emperor', PATTERN, '--emperor-wrapper', TRIVIAL_VASSAL, ...more];
    return new Ruler(rig, await rig.start(words, { environment: realUwsgiEnvironment }));
  }

  /** Waits until it has said this of so many vassals. Returns how long it took since `began`, in milliseconds. */
  async said(what: RegExp, count: number, mark: number, began: number, withinMs: number): Promise<number> {
    const { lines } = this.program.log;
    const names = new Set<string>();
    let at = mark;
    await until(
      `the emperor has said ${String(what)} of ${count} vassals, and not only of ${names.size}`,
      () => {
        for (; at < lines.length; at += 1) {
          const name = what.exec(lines[at] ?? '')?.[1];
          if (name !== undefined) names.add(name);
        }
        return names.size >= count;
      },
      withinMs,
    );
    return performance.now() - began;
  }

  /** Of the emperor alone, in milliseconds. */
  get cpuMs(): number {
    return (lookUp(this.program.pid)?.cpuTicks ?? 0) * MS_PER_TICK;
  }

  get privateMegabytes(): number {
    return privateBytes(this.program.pid) / 2 ** 20;
  }

  path(site: string): string {
    return this.#rig.path('sites', site, 'uwsgi.ini');
  }
}

/** Sites with their files: `neighbours` others lie beside each configuration. */
export function putSites(rig: Rig, names: readonly string[], neighbours: number): void {
  for (const name of names) {
    const ini = rig.path('sites', name, 'uwsgi.ini');
    mkdirSync(dirname(ini), { recursive: true });
    writeFileSync(ini, '[uwsgi]\n');
    for (let index = 0; index < neighbours; index += 1) writeFileSync(rig.path('sites', name, `${index}.txt`), '');
  }
}

export function touch(path: string, moment: Date = new Date()): void {
  utimesSync(path, moment, moment);
}

export function removeSites(rig: Rig): void {
  rmSync(rig.path('sites'), { recursive: true });
}
