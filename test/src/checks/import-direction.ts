import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { repository } from '../rig/subject.ts';
import { problemOf, type WorkspacePackage } from './import-rules.ts';
import { importsOf } from './source-imports.ts';

/** `npm run check` ends with this: which file imports what it must not, and why. */
const packages = readPackages();
const shared = readManifest('package.json').dependencies;
/** The tests of this check are full of bad examples. */
const examples = 'test/src/checks/*.test.ts';
const problems = [...packages.values()].flatMap((from) =>
  globSync(`${from.directory}/src/**/*.ts`, { cwd: repository, exclude: [examples] }).flatMap((file) =>
    importsOf(readFileSync(`${repository}${file}`, 'utf8')).flatMap((item) => {
      const problem = problemOf({ ...item, file, from }, packages, shared);
      return problem === undefined ? [] : `${file}:${item.line}: ${problem}`;
    }),
  ),
);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function readPackages(): Map<string, WorkspacePackage> {
  const manifests = ['packages/*/package.json', 'apps/*/package.json', 'test/package.json'].flatMap((place) =>
    globSync(place, { cwd: repository }),
  );
  return new Map(manifests.map((path) => [readManifest(path).name, readManifest(path)]));
}

function readManifest(path: string): WorkspacePackage {
  const manifest = JSON.parse(readFileSync(`${repository}${path}`, 'utf8')) as Record<string, unknown>;
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
  const names = kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {}));
  return { name: String(manifest['name']), directory: dirname(path), dependencies: new Set(names) };
}
