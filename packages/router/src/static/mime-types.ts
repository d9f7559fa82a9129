import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Content types by file name extension, in its exact case, without the dot. */
export class MimeTypes {
  readonly #types = new Map<string, string>();

  /** How many extensions were read, those that were known already too. */
  entries = 0;

  /** Adds lines of the form `type ext ext …`; `#` begins a comment. The first type of an extension counts, as in uWSGI. */
  add(text: string): void {
    for (const line of text.split('\n')) {
      if (line.startsWith('#')) continue;
      const [type = '', ...extensions] = line.trim().split(/[ \t]+/);
      for (const extension of extensions) if (!this.#types.has(extension)) this.#types.set(extension, type);
      this.entries += extensions.length;
    }
  }

  get size(): number {
    return this.#types.size;
  }

  /** Content type by the last extension of a file's name; undefined when it is not known. */
  of(file: string): string | undefined {
    const dot = file.lastIndexOf('.');
    return dot <= file.lastIndexOf('/') ? undefined : this.#types.get(file.slice(dot + 1));
  }
}

/**
 * Reads the mime files; where none of them exists, a small table of our own (uWSGI then knows no types at all).
 * @param notices gets a sentence about each source
 */
export function loadMimeTypes(files: readonly string[], notices: string[]): MimeTypes {
  const types = new MimeTypes();
  for (const file of files) {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      continue;
    }
    const before = types.entries;
    types.add(text);
    notices.push(`building mime-types dictionary from file ${file}...${types.entries - before} entry found`);
  }
  if (types.size === 0) {
    const { BUILTIN_MIME_TYPES } = require('./builtin-mime-types.js') as typeof import('./builtin-mime-types.ts');
    types.add(BUILTIN_MIME_TYPES);
    notices.push(`no mime types in ${files.join(', ')}: using the ${types.size} that are built in`);
  }
  return types;
}
