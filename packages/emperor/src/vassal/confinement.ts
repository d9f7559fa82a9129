import { EmperorError } from '../emperor-error.ts';
import type { FileOwner } from '../monitor/vassal-file.ts';

/** How a vassal is kept apart from the rest of the machine, besides the user it runs as. */
export interface Confinement {
  /** Options of unshare(1); empty: it shares everything. */
  readonly namespaces: readonly string[];
  /** The capabilities that it may have at most, as setpriv(1) calls them; undefined: those of its user. */
  readonly capabilities: readonly string[] | undefined;
}

export const UNCONFINED: Confinement = { namespaces: [], capabilities: undefined };

/** Flags of `emperor-use-clone`, and what they are for unshare(1). */
const NAMESPACES: Readonly<Record<string, readonly string[]>> = {
  fs: ['--mount'],
  newns: ['--mount'],
  mount: ['--mount'],
  ipc: ['--ipc'],
  net: ['--net'],
  // The first process of such a namespace has to be a child; with its parent it dies too.
  pid: ['--pid', '--fork', '--kill-child'],
  newpid: ['--pid', '--fork', '--kill-child'],
  uts: ['--uts'],
  user: ['--user'],
  newuser: ['--user'],
  cgroup: ['--cgroup'],
};

/** Reads `emperor-use-clone`: `fs,net,pid`. */
export function readNamespaces(text: string | undefined): string[] {
  return listOf(text).flatMap((flag) => {
    const options = NAMESPACES[flag];
    if (options !== undefined) return options;
    const known = Object.keys(NAMESPACES).join(', ');
    throw new EmperorError(`emperor-use-clone = ${text}: there is no namespace "${flag}", only ${known}`);
  });
}

/** Reads `emperor-cap`: `net_bind_service,setuid`. */
export function readCapabilities(texts: readonly string[]): string[] | undefined {
  if (texts.length === 0) return undefined;
  const names = texts.flatMap(listOf).map((name) => name.toLowerCase().replace(/^cap_/, ''));
  const strange = names.find((name) => !/^[a-z_]+$/.test(name));
  if (strange !== undefined) throw new EmperorError(`emperor-cap: "${strange}" is no name of a capability`);
  return names;
}

export function isConfined({ namespaces, capabilities }: Confinement): boolean {
  return namespaces.length > 0 || capabilities !== undefined;
}

/** The words before a command that confine it. They become the user as well: what they do needs the rights of root. */
export function confine({ namespaces, capabilities }: Confinement, user: FileOwner | undefined): string[] {
  return [...(namespaces.length === 0 ? [] : ['unshare', ...namespaces, '--']), ...becoming(user, capabilities)];
}

/** The words before a command that is to run as a user. */
export function becoming(user: FileOwner | undefined, capabilities?: readonly string[]): string[] {
  const words: string[] = [];
  if (user !== undefined) words.push('--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups');
  if (capabilities !== undefined) {
    const only = ['-all', ...capabilities.map((name) => `+${name}`)].join(',');
    words.push('--inh-caps', only, '--ambient-caps', only, '--bounding-set', only);
  }
  return words.length === 0 ? [] : ['setpriv', ...words, '--'];
}

function listOf(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,]+/).filter(Boolean);
}
