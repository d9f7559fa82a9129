import type { Config } from '@emperor/config';

import { isRouter } from '../listeners.ts';
import type { InstanceSocket } from '../sockets.ts';

/** The socket that the programs of `worker-exec` accept on, and nobody else: the first that is not the router's. */
export function executedSocket(config: Config, sockets: readonly InstanceSocket[]): InstanceSocket | undefined {
  if (config.options['worker-exec'] === undefined) return undefined;
  return sockets.find(({ request }) => !isRouter(request.protocol));
}
