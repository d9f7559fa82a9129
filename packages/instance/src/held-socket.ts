import { resolve } from 'node:path';

import { parseAddress, type SocketAddressText } from '@emperor/config';
import { HELD_SOCKET_VARIABLE } from '@emperor/protocol';

const STDIN = 0;

/** The descriptor of this address, when it is the one that the emperor holds for us: it listens already (DESIGN 4.7). */
export function heldDescriptor(target: SocketAddressText, environment: NodeJS.ProcessEnv): number | undefined {
  const held = environment[HELD_SOCKET_VARIABLE];
  if (held === undefined || held === '' || target.kind === 'fd') return undefined;
  return isSame(parseAddress(held), target) ? STDIN : undefined;
}

function isSame(held: SocketAddressText, asked: SocketAddressText): boolean {
  if (held.kind === 'tcp' && asked.kind === 'tcp') return held.host === asked.host && held.port === asked.port;
  return held.kind === 'unix' && asked.kind === 'unix' && absolute(held.path) === absolute(asked.path);
}

/** A name in the abstract namespace is no path. */
function absolute(path: string): string {
  return path.startsWith('\0') ? path : resolve(path);
}
