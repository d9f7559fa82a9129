import type { Entry } from './entry.ts';

/** An entry that still knows the text it came from, so that a diagnostic can point into it. */
export interface RawEntry extends Entry {
  /** The name as it was written, where `key` may already be the long name of the option. */
  readonly written: string;
  /** The line as written. */
  readonly line: string;
  /** 1-based columns in `line`; 0 where the part is not in it. */
  readonly keyColumn: number;
  readonly valueColumn: number;
  /** Whether there was a `=`, or a value at all. */
  readonly hasValue: boolean;
  /** Stands for a bare argument, which is not an option of its own. */
  readonly isBare?: boolean;
  /** Defined on purpose as a variable (`set-placeholder`), so never a misspelt option. */
  readonly isVariable?: boolean;
}

/** The same entry with another value, such as after expansion. */
export function withValue(entry: RawEntry, value: string): RawEntry {
  return { ...entry, value };
}
