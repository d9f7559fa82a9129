import { SystemCallError } from '@emperor/posix';
import type { SocketAddress } from '@emperor/transport';

import { findPortOwner } from './port-owner.ts';
import { StartError } from './start-error.ts';

/** An address that could not be bound, as the user wrote it. */
export interface FailedBind {
  /** Such as `uwsgi.ini:4`. */
  readonly origin: string;
  readonly name: string;
  readonly option: string;
  readonly target: SocketAddress | { readonly kind: 'fd' };
}

/** What went wrong, and what to do about it. */
export function bindError({ origin, name, option, target }: FailedBind, error: unknown): StartError {
  if (error instanceof StartError) return error;
  const what = `${origin}: cannot listen on ${name} (option ${option})`;
  if (!(error instanceof SystemCallError))
    return new StartError(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  switch (error.code) {
    case 'EADDRINUSE': {
      const owner = target.kind === 'tcp' ? findPortOwner(target.port) : undefined;
      const look =
        owner === undefined
          ? `Look who it is with: ss -lntup${target.kind === 'tcp' ? ` 'sport = :${target.port}'` : ''}`
          : `It belongs to ${owner}. Stop it or choose another address.`;
      return new StartError(
        `${what}: probably another instance of uWSGI is running on the same address (${name}): bind(): Address already in use. ${look}`,
      );
    }
    case 'EACCES':
      return new StartError(
        `${what}: permission denied. Ports below 1024 need root or CAP_NET_BIND_SERVICE; a UNIX socket needs a directory this user may write to.`,
      );
    case 'EADDRNOTAVAIL':
      return new StartError(`${what}: this machine does not have that address.`);
    case 'ENOENT':
      return new StartError(`${what}: the directory of the socket does not exist.`);
    default:
      return new StartError(`${what}: ${error.message}`);
  }
}
