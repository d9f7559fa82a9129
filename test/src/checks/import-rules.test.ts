import assert from 'node:assert/strict';
import { test } from 'node:test';

import { problemOf, type WorkspacePackage } from './import-rules.ts';
import { importsOf } from './source-imports.ts';

const names = ['posix', 'protocol', 'config', 'transport', 'cache', 'http', 'router', 'worker', 'instance', 'emperor'];
const everything = new Set([...names.map((name) => `@emperor/${name}`), 'koffi', 'execa', 'pino']);
const packages = new Map<string, WorkspacePackage>([
  ...names.map(
    (name) =>
      [
        `@emperor/${name}`,
        { name: `@emperor/${name}`, directory: `packages/${name}`, dependencies: everything },
      ] as const,
  ),
  ['@emperor/vassal-app', { name: '@emperor/vassal-app', directory: 'apps/vassal', dependencies: everything }],
]);

/** The problem of one source line in a file of a package. */
function problem(directory: string, line: string, file: string = 'x.ts'): string | undefined {
  const from = [...packages.values()].find((known) => known.directory === directory);
  const [item] = importsOf(line);
  assert.ok(from !== undefined && item !== undefined);
  return problemOf({ ...item, file: `${directory}/src/${file}`, from }, packages, new Set(['fast-check']));
}

test('imports that point downwards are fine', () => {
  assert.equal(problem('packages/http', "import { A } from '@emperor/transport';"), undefined);
  assert.equal(problem('packages/instance', "import { A } from '@emperor/router';"), undefined);
  assert.equal(problem('apps/vassal', "import { A } from '@emperor/instance';"), undefined);
  assert.equal(problem('packages/http', "import { A } from './a.ts';"), undefined);
  assert.equal(problem('packages/http', "import koffi from 'koffi';"), undefined);
});

test('imports that point upwards or sideways are refused', () => {
  assert.match(problem('packages/http', "import { A } from '@emperor/router';") ?? '', /not below/);
  assert.match(problem('packages/router', "import { A } from '@emperor/worker';") ?? '', /not below/);
  assert.match(problem('packages/config', "import { A } from '@emperor/posix';") ?? '', /not below/);
});

test('types count for the direction too', () => {
  assert.match(problem('packages/worker', "import type { A } from '@emperor/router';") ?? '', /not below/);
});

test('the emperor imports nothing that serves', () => {
  assert.match(problem('packages/emperor', "import { A } from '@emperor/worker';") ?? '', /spawns/);
  assert.equal(problem('packages/emperor', "import { A } from '@emperor/config';"), undefined);
});

test('a vassal’s packages load nothing expensive', () => {
  for (const costly of ['node:http', 'execa', 'pino']) {
    assert.match(problem('packages/router', `import x from '${costly}';`) ?? '', /megabytes/, costly);
    assert.match(problem('packages/router', `await import('${costly}');`) ?? '', /megabytes/, costly);
    assert.equal(problem('packages/emperor', `import x from '${costly}';`), undefined, costly);
    assert.equal(problem('packages/router', `import type x from '${costly}';`), undefined, costly);
  }
});

test('a vassal’s packages load what few need only when asked', () => {
  assert.match(problem('packages/router', "import zlib from 'node:zlib';") ?? '', /at its start/);
  assert.equal(problem('packages/router', "await import('node:zlib');"), undefined);
  assert.match(problem('apps/vassal', "import { A } from '@emperor/emperor';") ?? '', /must not carry/);
  assert.equal(problem('apps/vassal', "await import('@emperor/emperor');"), undefined);
});

test('tests may use the tools of the workspace, and node:http as an oracle', () => {
  assert.equal(problem('packages/http', "import http from 'node:http';", 'x.test.ts'), undefined);
  assert.equal(problem('packages/http', "import fc from 'fast-check';", 'x.test.ts'), undefined);
  assert.match(problem('packages/http', "import fc from 'fast-check';") ?? '', /does not list/);
});

test('no file goes past the contract of another package', () => {
  assert.match(problem('packages/http', "import { A } from '@emperor/transport/dist/a.js';") ?? '', /contract/);
  assert.match(problem('packages/http', "import { A } from '../../transport/src/a.ts';") ?? '', /reaches out/);
});
