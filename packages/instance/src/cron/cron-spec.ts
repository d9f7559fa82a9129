import type { Config, Entry } from '@emperor/config';

import { readKeyValues } from '../key-values.ts';
import { StartError } from '../start-error.ts';
import type { CronTime } from './cron-time.ts';

/** A command that runs at certain times. */
export interface CronSpec {
  readonly time: CronTime;
  readonly command: string;
  /** Not started again while it still runs. */
  readonly isUnique: boolean;
  /** Seconds it may take; 0: for ever. */
  readonly harakiriSeconds: number;
}

const KEYS = {
  minute: 'minute',
  hour: 'hour',
  day: 'day',
  month: 'month',
  week: 'week',
  unique: 'unique',
  harakiri: 'harakiri',
  legion: 'legion',
} as const;
const FIELDS = ['minute', 'hour', 'day', 'month', 'week'] as const;
const HIGHEST: Readonly<Record<(typeof FIELDS)[number], number>> = {
  minute: 59,
  hour: 23,
  day: 31,
  month: 12,
  week: 7,
};

/** The commands of `cron`, `cron2` and `unique-cron`, in their order. @throws StartError for what cannot be understood */
export function cronSpecs(config: Config): CronSpec[] {
  const harakiriSeconds = config.options['cron-harakiri'];
  return config
    .entriesOf('cron', 'cron2', 'unique-cron')
    .map((entry) => (entry.key === 'cron2' ? readKeyed(entry, harakiriSeconds) : readFields(entry, harakiriSeconds)));
}

/** `MINUTE HOUR DAY MONTH WEEKDAY COMMAND` */
function readFields(entry: Entry, harakiriSeconds: number): CronSpec {
  const words = /^(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(.+)$/s.exec(entry.value);
  if (words === null) throw new StartError(`${at(entry)}: expected MINUTE HOUR DAY MONTH WEEKDAY COMMAND`);
  const fields = new Map(FIELDS.map((name, index) => [name, words[index + 1] ?? '']));
  return {
    time: readTime(entry, fields),
    command: words[6] ?? '',
    isUnique: entry.key === 'unique-cron',
    harakiriSeconds,
  };
}

/** `minute=…,unique=1 COMMAND` */
function readKeyed(entry: Entry, harakiriSeconds: number): CronSpec {
  const [, keys = '', command = entry.value] = /^(\w+=\S*)\s+(.+)$/s.exec(entry.value) ?? [];
  const values = readKeyValues(entry, keys, KEYS);
  if (values.has('legion')) throw new StartError(`${at(entry)}: there are no legions: remove the key to run it always`);
  const harakiri = values.get('harakiri');
  return {
    time: readTime(entry, values),
    command,
    isUnique: !['0', undefined].includes(values.get('unique')),
    harakiriSeconds: harakiri === undefined ? harakiriSeconds : Number.parseInt(harakiri, 10) || 0,
  };
}

function readTime(entry: Entry, fields: ReadonlyMap<string, string>): CronTime {
  const read = (name: (typeof FIELDS)[number]): number => {
    const text = fields.get(name) ?? '-1';
    const value = text === '*' ? -1 : Number(text);
    if (!/^(?:-?\d+|\*)$/.test(text) || Math.abs(value) > HIGHEST[name])
      throw new StartError(
        `${at(entry)}: the ${name} is "${text}": expected -1 (always), 0 to ${HIGHEST[name]}, or -N (every N)`,
      );
    return value === 0 && text.startsWith('-') ? -1 : value;
  };
  return { minute: read('minute'), hour: read('hour'), day: read('day'), month: read('month'), week: read('week') };
}

function at({ key, value, origin }: Entry): string {
  const place = origin.line > 0 ? `${origin.source}:${origin.line}` : origin.source;
  return `${place}: ${key} = ${value}`;
}
