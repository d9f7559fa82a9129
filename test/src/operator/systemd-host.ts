import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { basename } from 'node:path';
import { promisify } from 'node:util';

import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';
import { repository } from '../rig/subject.ts';
import { patienceMs, until } from '../rig/until.ts';

const script = `${repository}test/fixtures/operator/systemd-host.sh`;

const run = promisify(execFile);

/** How long a systemd may take to come up. */
const COMES_UP_WITHIN_MS = 10_000;

/** A real systemd over units of its own, with its own processes, network and control groups. */
export class SystemdHost implements AsyncDisposable {
  readonly #name: string;
  readonly #pid: number;
  readonly #stop: () => Promise<unknown>;

  private constructor(name: string, pid: number, stop: () => Promise<unknown>) {
    this.#name = name;
    this.#pid = pid;
    this.#stop = stop;
  }

  /**
   * @param units a directory below the rig's with units, of which `first` is started
   * @returns a sentence instead where no systemd comes up: without the rights for namespaces of its own, in a container
   */
  static async start(rig: Rig, units: string, first: string): Promise<SystemdHost | string> {
    const name = basename(rig.directory);
    const program = await rig.start([script, name, rig.path(units), first], { stopSignal: 'SIGKILL' });
    try {
      const pid = await until('systemd is started', () => firstChild(program), COMES_UP_WITHIN_MS);
      const host = new SystemdHost(name, pid, () => program.stop());
      const asked = (): Promise<boolean> =>
        host.systemctl('show', first).then(
          () => true,
          () => false,
        );
      await until('systemd answers', asked, COMES_UP_WITHIN_MS);
      return host;
    } catch (error) {
      await program.stop();
      await untilRemoved(name);
      return `no systemd comes up here: ${(error as Error).message}; ${program.log.tail(5)}`;
    }
  }

  /** What a command prints that runs beside the services. */
  async run(...command: readonly string[]): Promise<string> {
    const { stdout } = await run('nsenter', ['--target', String(this.#pid), '--all', ...command], {
      timeout: patienceMs,
    });
    return stdout;
  }

  systemctl(...words: readonly string[]): Promise<string> {
    return this.run('systemctl', ...words);
  }

  /** Properties of a unit as `systemctl show` names them. */
  async show(unit: string): Promise<ReadonlyMap<string, string>> {
    const lines = (await this.systemctl('show', unit)).split('\n');
    return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    await untilRemoved(this.#name);
  }
}

async function untilRemoved(name: string): Promise<void> {
  await until('its control groups are gone', () => controlGroupsOf(name).every(isRemoved));
}

/** The script becomes `unshare`, and its child systemd. @throws Error when it ends before */
function firstChild({ pid, exit }: Program): number | undefined {
  if (exit !== undefined) throw new Error(`it ends with ${exit.code ?? exit.signal}`);
  try {
    if (!readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('unshare')) return undefined;
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    const isSystemd = child !== undefined && readFileSync(`/proc/${child}/comm`, 'utf8') === 'systemd\n';
    return isSystemd ? Number(child) : undefined;
  } catch {
    // It is just becoming something else.
    return undefined;
  }
}

/** The groups of a host in all hierarchies, the inner before the outer. */
function controlGroupsOf(name: string): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const roots = mounts.flatMap(([, path = '', type]) => (type === 'cgroup' || type === 'cgroup2' ? [path] : []));
  return roots.flatMap((root) => (readdirSync(root).includes(name) ? directoriesIn(`${root}/${name}`) : []));
}

function directoriesIn(path: string): string[] {
  const inner = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...inner.flatMap((entry) => directoriesIn(`${path}/${entry.name}`)), path];
}

/** The kernel lets go of a group a moment after its last process. */
function isRemoved(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
