/**
 * Names that fit a column: as they are when all do; else without the directories that they begin with and, if need be, the file name that
 * they end with, when those are the same for all. Commands take such a part for the name. What is still too long loses its beginning.
 */
export function shortNames(names: readonly string[], width: number): string[] {
  const isTooLong = (name: string): boolean => name.length > width;
  let short = [...names];
  if (short.some(isTooLong)) short = withoutPrefix(short);
  if (short.some(isTooLong)) short = withoutSuffix(short);
  return short.map((name) => (isTooLong(name) ? `…${name.slice(name.length - width + 1)}` : name));
}

function withoutPrefix(names: readonly string[]): string[] {
  const [first = '', ...others] = names;
  // Of a single one the directory says which it is.
  const directories = others.length === 0 ? parent(parent(first)) : parent(first);
  let prefix = directories;
  while (prefix !== '' && !names.every((name) => name.startsWith(prefix))) prefix = parent(prefix.slice(0, -1));
  return names.map((name) => name.slice(prefix.length));
}

function withoutSuffix(names: readonly string[]): string[] {
  const suffix = /\/[^/]*$/.exec(names[0] ?? '')?.[0] ?? '';
  const isCommon = suffix !== '' && names.every((name) => name.endsWith(suffix) && name.length > suffix.length);
  return names.map((name) => (isCommon ? name.slice(0, -suffix.length) : name));
}

/** With the slash at its end; empty when there is none. */
function parent(path: string): string {
  return path.slice(0, path.replace(/\/$/, '').lastIndexOf('/') + 1);
}
