import { formatHttpDate } from './http-date.ts';
import type { StoredFile } from './file-store.ts';
import { optionPattern, StaticOptionError, type StaticOptions } from './static-options.ts';

/** A rule of `static-expires…`: how long an answer may be kept. */
interface ExpiresRule {
  readonly seconds: number;
  /** Counts from the time the file was changed, not from now. */
  readonly fromModification: boolean;
}

interface PatternRule extends ExpiresRule {
  readonly pattern: RegExp;
  readonly subject: 'file' | 'uri' | 'path';
}

/** What the rules look at. */
export interface ExpiresSubjects {
  readonly file: StoredFile;
  readonly uri: string;
  readonly path: string;
  readonly contentType: string | undefined;
}

/** The Expires headers of static files (UWSGI-FACTS 10.7). By pattern they stand before Content-Type, by type behind it. */
export class ExpiresRules {
  readonly #patterns: readonly PatternRule[];
  readonly #types: ReadonlyMap<string, ExpiresRule>;
  readonly isEmpty: boolean;

  /** @throws {StaticOptionError} */
  constructor(options: StaticOptions) {
    this.#patterns = readPatternRules(options);
    this.#types = readTypeRules(options);
    this.isEmpty = this.#patterns.length === 0 && this.#types.size === 0;
  }

  byPattern(subjects: ExpiresSubjects, nowSeconds: number): string | undefined {
    const { file, uri, path } = subjects;
    const texts = { file: file.realPath, uri, path };
    const rule = this.#patterns.find(({ pattern, subject }) => pattern.test(texts[subject]));
    return rule && expiry(rule, file, nowSeconds);
  }

  byType({ file, contentType }: ExpiresSubjects, nowSeconds: number): string | undefined {
    const rule = contentType === undefined ? undefined : this.#types.get(contentType);
    return rule && expiry(rule, file, nowSeconds);
  }
}

function expiry(rule: ExpiresRule, file: StoredFile, nowSeconds: number): string {
  return formatHttpDate((rule.fromModification ? file.modifiedSeconds : nowSeconds) + rule.seconds);
}

const PATTERN_OPTIONS = [
  ['static-expires', 'file'],
  ['static-expires-uri', 'uri'],
  ['static-expires-path-info', 'path'],
] as const;

function readPatternRules(options: StaticOptions): PatternRule[] {
  const rules: PatternRule[] = [];
  for (const [name, subject] of PATTERN_OPTIONS) {
    for (const [option, fromModification] of [
      [name, false],
      [`${name}-mtime`, true],
    ] as const) {
      for (const value of options[option] ?? []) {
        const [, pattern = '', seconds = ''] = /^(\S+)\s+(\d+)$/.exec(value.trim()) ?? [];
        if (pattern === '') {
          throw new StaticOptionError(option, value, 'expected a regular expression, a blank and seconds');
        }
        const compiled = optionPattern(option, value, pattern);
        rules.push({ pattern: compiled, subject, seconds: Number(seconds), fromModification });
      }
    }
  }
  return rules;
}

function readTypeRules(options: StaticOptions): Map<string, ExpiresRule> {
  const rules = new Map<string, ExpiresRule>();
  for (const [option, fromModification] of [
    ['static-expires-type', false],
    ['static-expires-type-mtime', true],
  ] as const) {
    for (const value of options[option] ?? []) {
      const [, type = '', seconds = ''] = /^([^=]+)=(\d+)$/.exec(value.trim()) ?? [];
      if (type === '') {
        throw new StaticOptionError(option, value, 'expected type=seconds, such as text/css=3600');
      }
      rules.set(type, { seconds: Number(seconds), fromModification });
    }
  }
  return rules;
}
