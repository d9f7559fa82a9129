import type { Config } from '@emperor/config';

import type { InstanceLog } from './instance-log.ts';
import type { InstanceSockets } from './instance-sockets.ts';
import { removePidfiles } from './pidfile.ts';

/** Removes what an instance leaves in the file system: pidfiles, and with `vacuum` the files of its sockets. */
export function vacuum(config: Config, sockets: InstanceSockets, log: InstanceLog): void {
  const removed = removePidfiles(config);
  if (!config.options.vacuum) return;
  for (const name of removed) log.line(`VACUUM: ${name.replace('-', ' ')} removed.`);
  for (const text of sockets.removeFiles()) log.line(text);
}
