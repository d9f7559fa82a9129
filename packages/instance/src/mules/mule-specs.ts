import type { Config, Entry } from '@emperor/config';

import { StartError } from '../start-error.ts';

/** A process beside the workers (UWSGI-FACTS 15.6). */
export interface MuleSpec {
  /** From 1. */
  readonly number: number;
  /** Undefined: it waits for messages and signals. */
  readonly script: string | undefined;
  readonly farms: readonly string[];
}

/** The mules of `mule` and `mules`, and the groups that `farm` makes of them. @throws StartError for a farm that cannot be */
export function muleSpecs(config: Config): MuleSpec[] {
  const scripts = config
    .entriesOf('mule', 'mules')
    .flatMap(({ key, value }) =>
      key === 'mules'
        ? Array.from<undefined>({ length: Number.parseInt(value, 10) || 0 })
        : [value === '' || value === 'true' ? undefined : value],
    );
  const farms = config.entriesOf('farm').map((entry) => readFarm(entry, scripts.length));
  return scripts.map((script, index) => ({
    number: index + 1,
    script,
    farms: farms.filter(({ members }) => members.includes(index + 1)).map(({ name }) => name),
  }));
}

/** `NAME:1,2` */
function readFarm({ key, value, origin }: Entry, muleCount: number): { name: string; members: readonly number[] } {
  const colon = value.lastIndexOf(':');
  const members = value
    .slice(colon + 1)
    .split(',')
    .map(Number);
  const wrong = members.find((number) => !(Number.isInteger(number) && number >= 1 && number <= muleCount));
  if (colon < 1 || wrong !== undefined)
    throw new StartError(
      `${origin.source}:${origin.line}: ${key} = ${value}: expected NAME:1,2 with numbers of mules, of which there are ${muleCount}`,
    );
  return { name: value.slice(0, colon), members };
}
