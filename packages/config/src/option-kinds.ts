import type { OptionForm } from './option-forms.ts';

/**
 * What the value of an option is.
 *
 * - `flag`: on or off
 * - `integer`: a whole number
 * - `seconds`, `milliseconds`: a duration in that unit; `90`, `90s`, `5m`, `1h`, `1d`
 * - `bytes`: a size; `4096`, `64k`, `10m`, `1g`
 * - `megabytes`: a size counted in MiB; `512`, `512m`, `2g`
 * - `mode`: permission bits in octal, `660`
 * - `text`, `list`: one string; several in order
 * - `address`, `addresses`: a socket address as `parseAddress` reads it; several in order
 */
export type OptionKind =
  | 'flag'
  | 'integer'
  | 'seconds'
  | 'milliseconds'
  | 'bytes'
  | 'megabytes'
  | 'mode'
  | 'text'
  | 'list'
  | 'address'
  | 'addresses';

/** Kinds whose typed value is a number that is never missing. */
export type NumericKind = 'integer' | 'seconds' | 'milliseconds' | 'bytes' | 'megabytes';

/** Kinds of which every occurrence counts, in order. */
export type ListKind = 'list' | 'addresses';

/** One option as the tables in `options/` declare it. */
export interface OptionDeclaration {
  readonly kind: OptionKind;
  /** One phrase for `--help` and the reference. */
  readonly help: string;
  /** The letter of `-p 4`. */
  readonly short?: string;
  /** Other names of the same option. */
  readonly aliases?: readonly string[];
  readonly default?: boolean | number | string;
  /** Whose value counts while this one is 0: another option, or a setting of the system. */
  readonly standIn?: string;
  readonly min?: number;
  readonly max?: number;
  /** On the command line the value may be left out (`--chmod-socket`); this is what it means then. */
  readonly omitted?: string;
  /** A flag that expects a value on the command line, as uWSGI has it. */
  readonly takesValue?: boolean;
  /** What `true` stands for where a number is expected; without it `true` is 0 as in uWSGI, with a warning. */
  readonly trueMeans?: number;
  /** Flags and numbers that this one sets when they are not set themselves. */
  readonly implies?: readonly string[];
  /** The values there are; another one is told and replaced by the default. */
  readonly choices?: readonly string[];
  /** What the text has to look like. */
  readonly form?: OptionForm;
  /** Why the option is taken without having an effect. */
  readonly accepted?: string;
  /** The user should know that it has no effect. */
  readonly warns?: boolean;
  /** Ours, and only in the `emperor` command: elsewhere the name is free for a custom variable. */
  readonly scope?: 'emperor';
}
