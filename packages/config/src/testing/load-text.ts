import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { formatDiagnostic } from '../diagnostic.ts';
import { loadConfig, type Config, type ConfigSource, type LoadResult } from '../load.ts';

/** Files in a directory of their own, removed at the end of the test. */
export class ConfigDirectory implements Disposable {
  readonly path: string = mkdtempSync(path.join(tmpdir(), 'emperor-config-'));

  constructor(files: Readonly<Record<string, string | Buffer>> = {}) {
    for (const [name, content] of Object.entries(files)) this.write(name, content);
  }

  write(name: string, content: string | Buffer): void {
    const file = path.join(this.path, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  load(argv: readonly string[], source: Partial<ConfigSource> = {}): LoadResult {
    return loadConfig({ environment: {}, workingDirectory: this.path, scope: 'vassal', ...source, argv });
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Loads one ini file from its text. */
export function loadText(text: string | Buffer, source: Partial<ConfigSource> = {}): LoadResult {
  using directory = new ConfigDirectory({ 'x.ini': text });
  return directory.load(['x.ini'], source);
}

/** Loads the lines of a `[uwsgi]` section that has no errors. */
export function configOf(lines: string, source: Partial<ConfigSource> = {}): Config {
  const { config, diagnostics } = loadText(`[uwsgi]\n${lines}\n`, source);
  if (config === undefined) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return config;
}

/** What is said about the lines of a `[uwsgi]` section: `severity line:column message`. */
export function problemsOf(lines: string, source: Partial<ConfigSource> = {}): string[] {
  return summarize(loadText(`[uwsgi]\n${lines}\n`, source));
}

/** The diagnostics of a load in one line each. */
export function summarize({ diagnostics }: LoadResult): string[] {
  return diagnostics.map(
    ({ severity, origin, column, message }) => `${severity} ${origin?.line ?? '-'}:${column ?? '-'} ${message}`,
  );
}
