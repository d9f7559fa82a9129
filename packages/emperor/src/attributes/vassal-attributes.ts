import { extname } from 'node:path';

import { parseValue, readIni } from '@emperor/config';

import { NO_LIMITS, type ResourceLimits } from '../limits/resource-limits.ts';
import { beginningOf } from './beginning.ts';

/** What a configuration file says to the emperor: its section `[emperor]`, which a vassal does not read. */
export interface VassalAttributes {
  /** The emperor listens there; the vassal runs only while somebody uses it. */
  readonly onDemand: string | undefined;
  /** One on demand ends when nobody has asked it for anything for so long. */
  readonly idleSeconds: number | undefined;
  /** The emperor listens there; the vassal always runs. */
  readonly hold: string | undefined;
  /** Names of vassals that have to be up before this one starts. */
  readonly after: readonly string[];
  readonly limits: ResourceLimits;
  /** Sentences about what is not understood. */
  readonly problems: readonly string[];
}

const SECTION = 'emperor';

/** The keys of the section, declared like options. */
const KEYS = {
  'on-demand': { kind: 'address', help: 'listen at ADDRESS, and start at the first connection' },
  idle: { kind: 'seconds', min: 1, help: 'of one on demand: stop when nobody has asked for so long' },
  hold: { kind: 'address', help: 'listen at ADDRESS, whether the vassal runs or not' },
  after: { kind: 'list', help: 'start when the vassals NAME… are up' },
  'limit-memory': { kind: 'bytes', min: 1, help: 'memory of all its processes' },
  'limit-cpu': { kind: 'integer', min: 1, help: 'processor time in percent of one core' },
  'limit-pids': { kind: 'integer', min: 1, help: 'number of its processes and threads' },
} as const;
type Key = keyof typeof KEYS;

const NONE: VassalAttributes = {
  onDemand: undefined,
  idleSeconds: undefined,
  hold: undefined,
  after: [],
  limits: NO_LIMITS,
  problems: [],
};

/**
 * Reads plain `key = value` lines, and nothing more: no placeholder, no inclusion, no logic. What a user wrote is evaluated by
 * the vassal under the user's own id, never by the emperor (DESIGN 2).
 */
export function readAttributes(path: string): VassalAttributes {
  if (extname(path) !== '.ini') return NONE;
  const { entries } = readIni(beginningOf(path) ?? '', path, SECTION);
  if (entries.length === 0) return NONE;
  const problems: string[] = [];
  const values = new Map<Key, string | number>();
  const after: string[] = [];
  for (const { key, value, origin } of entries) {
    const place = `${path}:${origin.line}`;
    if (!isKey(key)) {
      problems.push(`${place}: there is no "${key}" in [${SECTION}], only ${Object.keys(KEYS).join(', ')}`);
      continue;
    }
    if (value === '') continue;
    if (key === 'after') after.push(...value.split(/[\s,]+/).filter(Boolean));
    else readValue(key, value, place, values, problems);
  }
  const text = (key: Key): string | undefined => values.get(key)?.toString();
  const number = (key: Key): number | undefined => values.get(key) as number | undefined;
  return {
    onDemand: text('on-demand'),
    idleSeconds: number('idle'),
    hold: text('hold'),
    after,
    limits: {
      memoryBytes: number('limit-memory'),
      cpuPercent: number('limit-cpu'),
      processes: number('limit-pids'),
    },
    problems,
  };
}

function isKey(key: string): key is Key {
  return Object.hasOwn(KEYS, key);
}

function readValue(key: Key, text: string, place: string, values: Map<Key, string | number>, problems: string[]): void {
  try {
    const { value } = parseValue(text, KEYS[key]);
    if (typeof value !== 'boolean') values.set(key, value);
  } catch (error) {
    problems.push(`${place}: ${key} = ${text}: ${(error as Error).message}`);
  }
}
