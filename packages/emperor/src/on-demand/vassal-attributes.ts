import { extname } from 'node:path';

import { readIni } from '@emperor/config';

import { beginningOf } from './beginning.ts';

/** What a configuration file says to the emperor: its section `[emperor]`, which a vassal does not read. */
export interface VassalAttributes {
  /** The emperor listens there; the vassal runs only while somebody uses it. */
  readonly onDemand: string | undefined;
  /** The emperor listens there; the vassal always runs. */
  readonly hold: string | undefined;
  /** Sentences about what is not understood. */
  readonly problems: readonly string[];
}

const SECTION = 'emperor';
const KEYS = ['on-demand', 'hold'] as const;

const NONE: VassalAttributes = { onDemand: undefined, hold: undefined, problems: [] };

/**
 * Reads plain `key = value` lines, and nothing more: no placeholder, no inclusion, no logic. What a user wrote is evaluated by
 * the vassal under the user's own id, never by the emperor (DESIGN 2).
 */
export function readAttributes(path: string): VassalAttributes {
  if (extname(path) !== '.ini') return NONE;
  const { entries } = readIni(beginningOf(path) ?? '', path, SECTION);
  if (entries.length === 0) return NONE;
  const last = (key: string): string | undefined => entries.findLast((entry) => entry.key === key)?.value || undefined;
  const problems = entries
    .filter(({ key }) => !KEYS.some((known) => known === key))
    .map(({ key }) => `${path}: its section [${SECTION}] has "${key}", but there are only ${KEYS.join(' and ')}`);
  return { onDemand: last('on-demand'), hold: last('hold'), problems };
}
