import type { Origin } from './entry.ts';

/** A problem in a configuration. All problems of a load are collected before any is shown. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly origin?: Origin;
  /** 1-based column of the offending text in `sourceLine`. */
  readonly column?: number;
  /** The line as written. */
  readonly sourceLine?: string;
  /** What was found and what was expected, in one sentence. */
  readonly message: string;
  /** What to do, such as `did you mean "offload-threads"?`. */
  readonly suggestion?: string;
}
