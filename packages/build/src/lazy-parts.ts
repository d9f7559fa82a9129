import { relative } from 'node:path';

/**
 * Our way to load a part of the program when it is asked for, in the middle of synchronous code: `createRequire(import.meta.url)` makes the
 * function, and this is its call. The bundler does not see through it, which is as well: it would put the part into the bundle.
 */
const LAZY_CALL = /\brequire\('(\.{1,2}\/[^']+|@emperor\/[^']+)'\)/g;

/** What the modules of ours that `code` requires lazily are called there. */
export function lazySpecifiers(code: string): string[] {
  return [...code.matchAll(LAZY_CALL)].flatMap(([, specifier]) => specifier ?? []);
}

/** Where a module lies, and where the bundle does that it becomes a part of. */
export interface Move {
  /** The module, absolute. */
  readonly file: string;
  /** Directory of the bundle, absolute. Its chunks lie there side by side. */
  readonly bundle: string;
  /** Of a lazily required specifier: the name of the part's chunk in the bundle. */
  readonly chunkOf: (specifier: string) => string;
}

/**
 * Rewrites a module so that it finds its files from inside a bundle: `import.meta.url` stays that of the module, for the files beside it
 * (the worker's Python) and the packages it may require; lazily required parts are those of the bundle, or there would be two of each.
 */
export function moveCode(code: string, { file, bundle, chunkOf }: Move): string {
  const home = relative(bundle, file);
  return code
    .replaceAll('import.meta.url', `new URL('${home}', import.meta.url).href`)
    .replace(LAZY_CALL, (_call, specifier: string) => `createRequire(import.meta.url)('./${chunkOf(specifier)}')`);
}
