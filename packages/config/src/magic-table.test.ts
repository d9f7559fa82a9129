import assert from 'node:assert/strict';
import { test } from 'node:test';

import { magicTable } from './magic-table.ts';
import { ConfigDirectory } from './testing/load-text.ts';

test('magicTable says what variables stand for in the file, as it was given', () => {
  using directory = new ConfigDirectory({ 'sites/my.shop.ini': '[uwsgi]\nmaster = true\n' });
  const { config } = directory.load(['sites/my.shop.ini']);
  assert.ok(config !== undefined);
  const { n, N, o, p, d, e, c, i, 0: first } = magicTable(config);
  assert.deepEqual(
    { n, N, o, p, d, e, c, first },
    {
      n: 'my.shop',
      N: 'my.shop',
      o: 'sites/my.shop.ini',
      p: `${directory.path}/sites/my.shop.ini`,
      d: `${directory.path}/sites/`,
      e: 'ini',
      c: 'sites',
      first: directory.path.split('/')[1],
    },
  );
  assert.match(i ?? '', /^\d+$/);
});

test('magicTable is empty without a file', () => {
  using directory = new ConfigDirectory();
  const { config } = directory.load(['--master']);
  assert.ok(config !== undefined);
  assert.deepEqual(magicTable(config), {});
});
