import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, relative } from 'node:path';

import { build, type OutputFile, type Plugin } from 'esbuild';

import { takeFromBuiltins } from './builtin-imports.ts';
import type { BundleFile } from './install-bundle.ts';
import { joinChunks } from './join-chunks.ts';
import { lazySpecifiers, moveCode } from './lazy-parts.ts';

/** Ours, as `tsc` wrote it. */
const OWN_MODULE = /\/(?:apps|packages)\/[^/]+\/dist\/.*\.js$/;
const NAMED_PACKAGE = /^[^./]/;

/** The oldest Node in `engines`. */
const TARGET = 'node24.15';

export interface BundleRequest {
  /** Root of the repository, absolute: names of chunks are taken from below it. */
  readonly root: string;
  /** The module a process starts with. */
  readonly entry: string;
  /** Where the scripts will lie, absolute. */
  readonly directory: string;
}

/**
 * Puts everything a process loads at its start into one script, `main.js`, and beside it what starts that: `start.cjs`. What is loaded when it is asked for, by `import()` or by a lazy `require`,
 * has scripts of its own, which share their modules with the rest: a module is there once, however it is reached.
 * @returns the scripts and their source maps, not written yet
 */
export async function bundle(request: BundleRequest): Promise<BundleFile[]> {
  const lazyFiles = new Set<string>();
  for (;;) {
    const known = lazyFiles.size;
    const files = await splitIntoChunks(request, lazyFiles);
    // Parts may have lazy parts themselves, which are seen only when they are read.
    if (lazyFiles.size === known) {
      const chunks = new Map(files.map(({ path, text }) => [basename(path), text]));
      const scripts = await joinChunks({ chunks, directory: request.directory, target: TARGET });
      return [...scripts, ...surroundings()];
    }
  }
}

/** What makes a bundle of scripts start. */
function surroundings(): BundleFile[] {
  return [
    { path: 'start.cjs', contents: readFileSync(new URL('start.cjs', import.meta.url)) },
    // What is above may say that `.js` are ES modules.
    { path: 'package.json', contents: Buffer.from('{"type":"commonjs"}\n') },
  ];
}

async function splitIntoChunks(request: BundleRequest, lazyFiles: Set<string>): Promise<OutputFile[]> {
  const { root, entry, directory } = request;
  const { outputFiles } = await build({
    entryPoints: [
      { in: entry, out: 'main' },
      ...Array.from(lazyFiles, (file) => ({ in: file, out: chunkName(root, file) })),
    ],
    outdir: directory,
    chunkNames: '[name]-[hash]',
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: TARGET,
    // For those of the joined files.
    sourcemap: 'inline',
    sourcesContent: false,
    logLevel: 'warning',
    plugins: [modulesOf(request, lazyFiles)],
  });
  return outputFiles;
}

function modulesOf({ root, directory }: BundleRequest, lazyFiles: Set<string>): Plugin {
  return {
    name: 'modules of the workspace',
    setup(hooks) {
      // Packages of npm stay where they are: some have native parts.
      hooks.onResolve({ filter: NAMED_PACKAGE }, ({ path }) =>
        path.startsWith('@emperor/') ? undefined : { path, external: true },
      );
      hooks.onLoad({ filter: OWN_MODULE }, ({ path }) => {
        const code = readFileSync(path, 'utf8');
        const { resolve } = createRequire(path);
        for (const specifier of lazySpecifiers(code)) lazyFiles.add(resolve(specifier));
        const chunkOf = (specifier: string): string => `${chunkName(root, resolve(specifier))}.js`;
        return { contents: takeFromBuiltins(moveCode(code, { file: path, bundle: directory, chunkOf })) };
      });
    },
  };
}

/** `packages/router/dist/routes/page-actions.js` has the chunk `router-routes-page-actions`. */
function chunkName(root: string, file: string): string {
  const [, name = '', path = ''] = /^(?:apps|packages)\/([^/]+)\/dist\/(.*)\.js$/.exec(relative(root, file)) ?? [];
  return `${name}-${path.replaceAll('/', '-')}`;
}
