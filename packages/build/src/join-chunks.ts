import { basename } from 'node:path';

import { build, type BuildOptions, type OutputFile, type Plugin } from 'esbuild';

/** The chunks of a program whose parts import each other, by their file names. */
export type Chunks = ReadonlyMap<string, string>;

export interface JoinRequest {
  readonly chunks: Chunks;
  /** Where the files will lie, absolute. */
  readonly directory: string;
  readonly target: string;
}

/** The chunk a program begins with, and the file that holds it with all it imports. */
const ENTRY = 'main.js';

/** `import { a, b as c } from "./chunk-X.js";`, `import "./chunk-X.js";`, as esbuild writes them. */
const CHUNK_IMPORT = /^import (?:\{([^}]*)\} from )?"\.\/([^"]+)";$/gm;

/**
 * Makes scripts (CommonJS) of chunks (ES modules): one for everything a process loads at its start, and one for each part that it loads
 * when it is asked for. A script can be compiled ahead (V8's code cache) where modules cannot, and one file costs less than thirty.
 * @returns the scripts and their source maps
 */
export async function joinChunks(request: JoinRequest): Promise<OutputFile[]> {
  const core = staticallyImported(request.chunks);
  const parts = [...request.chunks.keys()].filter((name) => !core.has(name));
  const needed = [...core].filter((name) => parts.some((part) => importsOf(request.chunks, part).includes(name)));
  const results = await Promise.all([
    build({
      ...settings(request),
      stdin: { contents: coreModule(needed), resolveDir: request.directory, sourcefile: 'core' },
      outfile: `${request.directory}/${ENTRY}`,
      plugins: [chunksAsModules(request, core)],
    }),
    build({
      ...settings(request),
      entryPoints: parts.map((name) => `./${name}`),
      outdir: request.directory,
      plugins: [chunksAsParts(request, core)],
    }),
  ]);
  return results.flatMap(({ outputFiles }) => outputFiles);
}

function settings({ target }: JoinRequest): BuildOptions & { readonly write: false } {
  return {
    write: false,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target,
    // `import()` of a script goes through the loader of ES modules, which is slow to start: `require` in a promise does not.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': '__bundleUrl' },
    banner: { js: `const __bundleUrl = process.getBuiltinModule('node:url').pathToFileURL(__filename).href;` },
    // Read by those who ask for it only: NODE_OPTIONS=--enable-source-maps shows the modules in stack traces.
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
  };
}

/** What parts take from the core is found by the name of its chunk. */
function coreModule(needed: readonly string[]): string {
  const exports = needed.map((name) => `export * as ${exportName(name)} from './${name}';`);
  return [...exports, `import './${ENTRY}';`].join('\n');
}

function exportName(chunk: string): string {
  return basename(chunk, '.js').replaceAll(/\W/g, '_');
}

function importsOf(chunks: Chunks, name: string): string[] {
  return [...(chunks.get(name) ?? '').matchAll(CHUNK_IMPORT)].flatMap(([, , chunk]) => chunk ?? []);
}

function staticallyImported(chunks: Chunks): Set<string> {
  const found = new Set([ENTRY]);
  for (const name of found) for (const imported of importsOf(chunks, name)) found.add(imported);
  return found;
}

function chunksAsModules({ chunks, directory }: JoinRequest, core: ReadonlySet<string>): Plugin {
  return {
    name: 'chunks of the core',
    setup(hooks) {
      hooks.onResolve({ filter: /./ }, ({ path }) => {
        const name = path.replace('./', '');
        return core.has(name) ? { path: `${directory}/${name}` } : { path, external: true };
      });
      hooks.onLoad({ filter: /./ }, ({ path }) => ({ contents: chunks.get(basename(path)) ?? '' }));
    },
  };
}

function chunksAsParts({ chunks, directory }: JoinRequest, core: ReadonlySet<string>): Plugin {
  return {
    name: 'parts beside the core',
    setup(hooks) {
      hooks.onResolve({ filter: /./ }, ({ path, kind }) =>
        kind === 'entry-point' ? { path: `${directory}/${path.replace('./', '')}` } : { path, external: true },
      );
      hooks.onLoad({ filter: /./ }, ({ path }) => ({
        contents: requireChunks(chunks.get(basename(path)) ?? '', core),
      }));
    },
  };
}

/** Has a part take what it needs from other chunks once, when it is loaded: esbuild would look it up at each use. */
function requireChunks(code: string, core: ReadonlySet<string>): string {
  return code.replace(CHUNK_IMPORT, (_line, names: string | undefined, chunk: string) => {
    const source = core.has(chunk) ? `require('./${ENTRY}').${exportName(chunk)}` : `require('./${chunk}')`;
    if (names !== undefined) return `const {${names.replaceAll(/\bas\b/g, ':')}} = ${source};`;
    return core.has(chunk) ? '' : `${source};`;
  });
}
