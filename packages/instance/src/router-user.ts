import type { Config } from '@emperor/config';

import { wantsWorkers } from './app-settings.ts';
import { resolveId } from './privileges.ts';
import { StartError } from './start-error.ts';

const PAIRS = [
  ['http-uid', 'uid', 'user'],
  ['http-gid', 'gid', 'group'],
] as const;

/**
 * Who the process is to become. The router has no process of its own: a pure router is wholly `http-uid`, and one beside an app cannot be
 * somebody else than the app.
 * @throws StartError where that would leave the router with more rights than it was to have
 */
export function processUser(config: Config): { uid: string | undefined; gid: string | undefined } {
  const { options } = config;
  const hasApp = wantsWorkers(config);
  for (const [routerOption, option, kind] of PAIRS) {
    const [wanted, own] = [options[routerOption], options[option]];
    if (wanted === undefined || (own === undefined && !hasApp)) continue;
    if (own === undefined || resolveId(kind, wanted) !== resolveId(kind, own))
      throw new StartError(
        `${routerOption} = ${wanted}: the router shares the process of the instance, and so its ${kind}: set ${option} to the same ${kind}, or run the router as an instance of its own with http-to`,
      );
  }
  return { uid: options.uid ?? options['http-uid'], gid: options.gid ?? options['http-gid'] };
}
