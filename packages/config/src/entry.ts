/** Where an entry was written. */
export interface Origin {
  /** Path of the file as it was given, or `<command line>`, `<environment>`, `<stdin>`. */
  readonly source: string;
  /** 1-based line, or 0 where there are no lines. */
  readonly line: number;
}

/** One `key = value` as read: raw, in order, with its place. */
export interface Entry {
  readonly key: string;
  readonly value: string;
  readonly origin: Origin;
}
