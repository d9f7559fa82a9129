import type { Config } from '@emperor/config';

import { runHooks } from '../hooks/hooks.ts';
import type { InstanceLog } from '../instance-log.ts';
import { dropPrivileges, privilegeMoment, type PrivilegeMoment } from '../privileges.ts';
import { processUser } from '../router-user.ts';
import { enterNamespaces } from './namespaces.ts';

/** The last that a start does as root, as a rule. @throws StartError for what cannot be done */
export function actAsRoot(config: Config, log: InstanceLog): void {
  const { umask, chroot } = config.options;
  runHooks(config, 'pre-jail', log);
  if (umask !== undefined) process.umask(umask);
  enterNamespaces(config, log.line);
  if (chroot !== undefined) log.line(`chroot() to ${chroot}`); // the interpreter does, when it has started
  for (const moment of ['post-jail', 'in-jail', 'as-root'] as const) runHooks(config, moment, log);
}

/** Gives up what only root may do, when this is the moment. @param isVassal there is an emperor @throws StartError for an unknown user */
export function becomeUser(config: Config, moment: PrivilegeMoment, isVassal: boolean, log: InstanceLog): void {
  if (privilegeMoment(config) !== moment) return;
  dropPrivileges(config, processUser(config), log.line);
  runHooks(config, 'as-user', log);
  if (isVassal) runHooks(config, 'as-vassal', log);
}
