import { extname } from 'node:path';

/** What uWSGI's emperor takes for a configuration (UWSGI-FACTS 13.1). */
const EXTENSIONS: ReadonlySet<string> = new Set(['.ini', '.yml', '.yaml', '.json', '.js', '.xml']);

/** uWSGI keeps names in 255 bytes, the closing zero included. */
const NAME_LIMIT_BYTES = 255;

/** Whether a file of this name may be a vassal; `extraExtensions` as in `emperor-extra-extension`, with their dots. */
export function isVassalName(name: string, extraExtensions: readonly string[]): boolean {
  const known = EXTENSIONS.has(extname(name)) || extraExtensions.some((extension) => name.endsWith(extension));
  return known && Buffer.byteLength(name) < NAME_LIMIT_BYTES;
}
