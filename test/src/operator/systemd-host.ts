import { execFile, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { basename } from 'node:path';
import { promisify } from 'node:util';

import type { Rig } from '../rig/rig.ts';
import { repository } from '../rig/subject.ts';
import { patienceMs, until } from '../rig/until.ts';
import { needs } from '../run/parts.ts';

const script = `${repository}test/fixtures/operator/systemd-host.sh`;

const run = promisify(execFile);

/** Options of a test that starts a real systemd: not where the kernel or a container keeps namespaces from us. */
export function systemdNeeded(): { skip: string | false } {
  const { skip } = needs('systemd');
  if (skip !== false) return { skip };
  const namespaces = ['--fork', '--pid', '--mount', '--mount-proc', '--uts', '--ipc', '--net', '--cgroup'];
  const attempt =
    'mount -t tmpfs tmpfs /run && mount --bind -o ro /proc/sys /proc/sys && umount --recursive /sys/fs/cgroup';
  const { status } = spawnSync('unshare', [...namespaces, 'sh', '-c', attempt], { stdio: 'ignore' });
  return { skip: status === 0 ? false : 'namespaces, mounts and control groups are not ours to make here' };
}

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

  /** @param units a directory below the rig's with units, of which `first` is started */
  static async start(rig: Rig, units: string, first: string): Promise<SystemdHost> {
    const name = basename(rig.directory);
    const program = await rig.start([script, name, rig.path(units), first], { stopSignal: 'SIGKILL' });
    const pid = await until('systemd is started', () => firstChild(program.pid));
    const host = new SystemdHost(name, pid, () => program.stop());
    await until('systemd answers', () =>
      host.run('systemctl', 'show', first).then(
        () => true,
        () => false,
      ),
    );
    return host;
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
    await until('its control groups are gone', () => controlGroupsOf(this.#name).every(isRemoved));
  }
}

/** The script becomes `unshare`, and its child systemd. */
function firstChild(pid: number): number | undefined {
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
