/** Bounds that no honest configuration reaches; they turn loops and bombs into diagnostics. */
export const LIMITS = {
  /** Lines of all files together, every round of a `for` counted. */
  lines: 1_000_000,
  /** Entries that remain. */
  entries: 250_000,
  /** Files read, every repetition counted. */
  files: 1000,
  /** Files inside files. */
  depth: 64,
  /** Characters of one value after expansion. */
  valueLength: 4_194_304,
  /** Characters of all values together, before and after expansion. */
  totalLength: 64_194_304,
  /** Placeholders that lead to placeholders. */
  placeholderDepth: 200,
  /** Unknown names for which a similar one is looked for. */
  suggestions: 100,
  /** Errors kept, and warnings. */
  diagnostics: 500,
} as const;

/** Ends a reading early; everything found so far is still reported. */
export class ReadingEnded extends Error {
  override readonly name = 'ReadingEnded';
}
