import type { Config } from '@emperor/config';

import type { InstanceLog } from '../instance-log.ts';
import { enterControlGroups } from './control-groups.ts';
import { lockFiles } from './file-locks.ts';
import { limitProcess, writeFiles } from './process-limits.ts';
import { waitForConditions } from './start-conditions.ts';

/**
 * What a start does once its logs are open and before it opens anything else: locks, waits, control groups, files, limits.
 * @param isGivenUp whether the start was told to stop meanwhile
 * @throws StartError when the configuration asks for what cannot be had
 */
export async function prepareProcess(config: Config, log: InstanceLog, isGivenUp: () => boolean): Promise<void> {
  await lockFiles(config, 'second', isGivenUp);
  await waitForConditions(config, log, isGivenUp);
  enterControlGroups(config, log.line);
  writeFiles(config, log.line);
  limitProcess(config, log.line);
}
