import fastGlob from 'fast-glob';

/** As glob(3), which uWSGI uses: no `+(…)`, hidden names only where asked for; `**` goes beyond it. */
const MATCHING = { extglob: false, braceExpansion: false, dot: false } as const;

/** Whether a path, or a segment of one, has wildcards. */
export function isGlob(text: string): boolean {
  return text !== '' && fastGlob.isDynamicPattern(text, MATCHING);
}

/**
 * The paths that match, files and directories, sorted; relative patterns give relative paths. What cannot be read is left
 * out: whether a vassal is gone is not decided here.
 *
 * Fast-glob lists a directory to find a plain name in it. With a thousand sites of a thousand files each that is a million
 * entries per scan, so it only gets the pattern up to its last wildcard; the plain rest is appended unseen.
 */
export async function expandGlob(text: string, workingDirectory: string): Promise<string[]> {
  const segments = text.split('/');
  const last = segments.findLastIndex(isGlob);
  const rest = segments.slice(last + 1).map(unescaped);
  if (last === -1) return [rest.join('/')];
  const prefixes = await fastGlob(segments.slice(0, last + 1).join('/'), {
    ...MATCHING,
    cwd: workingDirectory,
    onlyFiles: false,
    followSymbolicLinks: true,
    suppressErrors: true,
  });
  const marker = text.startsWith('./') ? './' : '';
  return prefixes.toSorted().map((prefix) => marker + [prefix, ...rest].join('/'));
}

function unescaped(segment: string): string {
  return segment.replaceAll(/\\(.)/g, '$1');
}
