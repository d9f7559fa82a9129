import type { TerminalStyle } from '@emperor/emperor';

import type { CommandSurroundings } from './command.ts';

/** How a table looks best where a command prints it: elsewhere than on a terminal COLUMNS says how wide. */
export function styleFor({ output, environment }: CommandSurroundings): TerminalStyle {
  const asked = Number(environment['COLUMNS']);
  return {
    width: output.columns ?? (asked > 0 ? asked : undefined),
    // https://no-color.org
    isColoured: output.isTTY && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb',
  };
}
