import { compilePattern, PatternError } from '../pattern.ts';

/** Options of static files, by their uWSGI names. Lists default to none, flags to off. */
export interface StaticOptions {
  readonly 'check-static'?: readonly string[];
  /** Files below the DOCUMENT_ROOT variable of the request. */
  readonly 'check-static-docroot'?: boolean;
  readonly 'static-map'?: readonly string[];
  readonly 'static-map2'?: readonly string[];
  readonly 'static-index'?: readonly string[];
  readonly 'static-safe'?: readonly string[];
  readonly 'static-skip-ext'?: readonly string[];
  readonly 'static-expires'?: readonly string[];
  readonly 'static-expires-mtime'?: readonly string[];
  readonly 'static-expires-type'?: readonly string[];
  readonly 'static-expires-type-mtime'?: readonly string[];
  readonly 'static-expires-uri'?: readonly string[];
  readonly 'static-expires-uri-mtime'?: readonly string[];
  readonly 'static-expires-path-info'?: readonly string[];
  readonly 'static-expires-path-info-mtime'?: readonly string[];
  readonly 'static-gzip'?: readonly string[];
  readonly 'static-gzip-all'?: boolean;
  readonly 'static-gzip-dir'?: readonly string[];
  readonly 'static-gzip-prefix'?: readonly string[];
  readonly 'static-gzip-ext'?: readonly string[];
  readonly 'static-gzip-suffix'?: readonly string[];
  readonly 'mime-file'?: readonly string[];
  readonly 'honour-range'?: boolean;
  readonly 'offload-threads'?: number;
  /** Files are read and written instead of sent by the kernel. */
  readonly 'disable-sendfile'?: boolean;
  /** The server in front sends the files: `nginx` or `x-accel-redirect`, `x-sendfile` or `xsendfile`. Others mean nothing, as in uWSGI. */
  readonly 'file-serve-mode'?: string | undefined;
  /** Ours: sends a strong ETag (and Accept-Ranges with honour-range). uWSGI sends neither. */
  readonly 'static-etag'?: boolean;
}

/** Those whose values have a form of their own. */
type CheckedOption = Extract<keyof StaticOptions, `static-map${string}` | `static-expires${string}` | 'static-gzip'>;

/** An option of static files whose value cannot be used. */
export class StaticOptionError extends Error {
  readonly option: CheckedOption;
  readonly value: string;

  /** @param problem what is wrong, and what was expected */
  constructor(option: CheckedOption, value: string, problem: string) {
    super(`${option}: ${problem}`);
    this.option = option;
    this.value = value;
  }
}

/**
 * The regular expression in the value of an option.
 * @throws {StaticOptionError} where it is none
 */
export function optionPattern(option: CheckedOption, value: string, pattern: string): RegExp {
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (error instanceof PatternError) throw new StaticOptionError(option, value, error.message);
    throw error;
  }
}
