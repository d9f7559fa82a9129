import { statSync } from 'node:fs';
import { resolve } from 'node:path';

import { expandBraces } from './brace-expansion.ts';
import { expandGlob, isGlob } from './glob.ts';
import { isVassalName } from './vassal-name.ts';

/** One thing to look at for vassals. */
export type VassalPattern =
  | {
      readonly kind: 'directory';
      /** Absolute. */
      readonly directory: string;
    }
  | {
      readonly kind: 'glob';
      /** As given, without braces; relative ones start at `workingDirectory`. */
      readonly text: string;
      readonly workingDirectory: string;
    };

/** How it is shown: a directory absolute, a glob as given. */
export function monitorName(pattern: VassalPattern): string {
  return pattern.kind === 'directory' ? pattern.directory : pattern.text;
}

/**
 * Reads what `--glob` and `--emperor` were given. A directory, or a glob that matches just a directory, is watched as a
 * directory; the choice is made once (UWSGI-FACTS 13.1). A directory may be missing yet.
 */
export async function readPattern(
  text: string,
  workingDirectory: string,
  extraExtensions: readonly string[],
): Promise<VassalPattern[]> {
  const patterns: VassalPattern[] = [];
  for (const alternative of expandBraces(text)) {
    const directory = await directoryMeant(alternative, workingDirectory, extraExtensions);
    if (directory !== undefined) patterns.push({ kind: 'directory', directory });
    else patterns.push({ kind: 'glob', text: alternative, workingDirectory });
  }
  return patterns;
}

async function directoryMeant(
  text: string,
  workingDirectory: string,
  extraExtensions: readonly string[],
): Promise<string | undefined> {
  if (isGlob(text)) {
    const matches = await expandGlob(text, workingDirectory);
    const only = matches.length === 1 ? resolve(workingDirectory, matches[0] ?? '') : undefined;
    return only !== undefined && isDirectory(only) ? only : undefined;
  }
  const path = resolve(workingDirectory, text);
  return isDirectory(path) || !isVassalName(text, extraExtensions) ? path : undefined;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
