import type { SourceImport } from './source-imports.ts';

/** A package of the workspace. */
export interface WorkspacePackage {
  readonly name: string;
  /** Below the repository: `packages/http`, `apps/vassal`, `test`. */
  readonly directory: string;
  /** Names in its package.json: dependencies of every kind. */
  readonly dependencies: ReadonlySet<string>;
}

/** A file and one of its imports. */
export interface FileImport extends SourceImport {
  readonly file: string;
  readonly from: WorkspacePackage;
}

/** DESIGN section 3: a package imports only from layers below its own. */
const layers: readonly (readonly string[])[] = [
  ['packages/config', 'packages/protocol', 'packages/posix', 'packages/dashboard', 'packages/build'],
  ['packages/transport', 'packages/cache'],
  ['packages/http'],
  ['packages/router', 'packages/worker'],
  ['packages/emperor', 'packages/instance'],
  ['apps/vassal', 'apps/emperor'],
  ['test'],
];

/** These live in processes of which there is one per machine, or run before all of them. Everything else is loaded by every vassal (DESIGN 4.3). */
const emperorSide = new Set(['packages/build', 'packages/dashboard', 'packages/emperor', 'apps/emperor', 'test']);

/** Megabytes of private memory each: never loaded by a vassal. */
const neverInVassal = new Set(['node:http', 'node:https', 'execa', 'pino', 'prom-client']);

/** A vassal loads these when an option asks for them, by `await import()` or `process.getBuiltinModule()`. */
const lazyInVassal = new Set(['node:tls', 'node:http2', 'node:zlib', 'node:sqlite', 'node:crypto']);

/** Parts that are themselves loaded by `await import()` only, and may import what they are about at their start. */
const lazyParts: ReadonlySet<string> = new Set([
  'packages/transport/src/tls-certificates.ts',
  'packages/transport/src/tls-context.ts',
  'packages/transport/src/tls-listener.ts',
  'packages/http/src/http2-request.ts',
  'packages/http/src/http2-session.ts',
]);

/** Second doors of packages, for what only few of those who import them need. */
const secondDoors: ReadonlySet<string> = new Set([
  '@emperor/config/commands',
  '@emperor/dashboard/facts',
  '@emperor/dashboard/format',
  '@emperor/dashboard/health',
  '@emperor/instance/jobs',
]);

/** What is wrong with an import, as a sentence; undefined when nothing is. */
export function problemOf(
  item: FileImport,
  packages: ReadonlyMap<string, WorkspacePackage>,
  shared: ReadonlySet<string>,
): string | undefined {
  const { specifier, from, file } = item;
  if (specifier.startsWith('.'))
    return leavesPackage(file, specifier, from) ? `reaches out of ${from.directory} with ${specifier}` : undefined;
  const isTest = /\.test(-support)?\.ts$/.test(file) || from.directory === 'test';
  const target = packages.get(specifier);
  return (
    undeclared(specifier, from, isTest ? shared : new Set()) ??
    (target === undefined ? undefined : againstDirection(item, target)) ??
    (isTest || emperorSide.has(from.directory) ? undefined : overBudget(item))
  );
}

function leavesPackage(file: string, specifier: string, from: WorkspacePackage): boolean {
  const { pathname } = new URL(specifier, `file:///${file}`);
  return !pathname.startsWith(`/${from.directory}/src/`);
}

function undeclared(specifier: string, from: WorkspacePackage, shared: ReadonlySet<string>): string | undefined {
  if (specifier.startsWith('node:')) return undefined;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (name !== specifier && name.startsWith('@emperor/') && !secondDoors.has(specifier))
    return `goes past the contract of ${name}: only what its index.ts exports`;
  if (from.dependencies.has(name) || shared.has(name)) return undefined;
  return `imports ${name}, which ${from.directory}/package.json does not list`;
}

function againstDirection({ from, kind }: FileImport, target: WorkspacePackage): string | undefined {
  const layerOf = (directory: string): number => layers.findIndex((layer) => layer.includes(directory));
  if (layerOf(target.directory) < 0) return `imports ${target.name}, which has no place in the layers of this check`;
  if (layerOf(target.directory) >= layerOf(from.directory))
    return `imports ${target.name}, which is not below it (DESIGN section 3)`;
  const between = ['packages/instance', 'packages/router', 'packages/worker'];
  if (from.directory === 'packages/emperor' && between.includes(target.directory)) {
    return `imports ${target.name}: the emperor spawns vassals and knows nothing of what they do`;
  }
  if (from.directory === 'apps/vassal' && target.directory === 'packages/emperor' && kind === 'static') {
    return `imports ${target.name} at its start: a vassal must not carry the emperor (await import() when asked to be one)`;
  }
  return undefined;
}

function overBudget({ specifier, kind, file }: FileImport): string | undefined {
  if (kind === 'type') return undefined;
  if (neverInVassal.has(specifier)) return `imports ${specifier}, which costs every vassal megabytes (DESIGN 4.3)`;
  if (lazyInVassal.has(specifier) && kind === 'static' && !lazyParts.has(file))
    return `imports ${specifier} at its start: load it when an option asks for it`;
  return undefined;
}
