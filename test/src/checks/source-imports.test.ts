import assert from 'node:assert/strict';
import { test } from 'node:test';

import { importsOf } from './source-imports.ts';

const seen = (source: string): string[] =>
  importsOf(source).map(({ kind, specifier, line }) => `${kind} ${specifier} ${line}`);

test('importsOf finds imports and re-exports, over several lines too', () => {
  assert.deepEqual(
    seen(
      "import a from 'a';\nimport {\n  b,\n} from \"b\";\nexport * from './c.ts';\nimport 'd';\nexport { e } from 'e';\n",
    ),
    ['static a 1', 'static b 2', 'static ./c.ts 5', 'static d 6', 'static e 7'],
  );
});

test('importsOf tells types and lazy imports from the others', () => {
  assert.deepEqual(
    seen(
      "import type { A } from 'a';\nimport { type B } from 'b';\nconst c = await import('c');\nconst d = require('d');\nexport type { E } from 'e';\n",
    ),
    ['type a 1', 'static b 2', 'type e 5', 'dynamic c 3', 'dynamic d 4'],
  );
});

test('importsOf looks neither into comments nor at what only looks like an import', () => {
  assert.deepEqual(
    seen(
      "/** import x from 'x' */\n// import y from 'y';\nexport const from = 'z';\nthing.import('w');\n/*\nimport v from 'v';\n*/\n",
    ),
    [],
  );
});

test('importsOf does not join one statement’s import with another one’s from', () => {
  assert.deepEqual(
    seen("export const a = 1;\nimport b from 'b';\nexport interface C { d: 'e' }\nimport f from 'f';\n"),
    ['static b 2', 'static f 4'],
  );
});
