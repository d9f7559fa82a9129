import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chart } from './chart.ts';
import type { AnyRow } from './row.ts';

const row: AnyRow = {
  name: 'tea',
  title: 'tea & <cakes>',
  contestants: [],
  columns: [
    { key: 'cups', title: 'cups/s', better: 'higher', decimals: 0, target: 2 },
    { key: 'grams', title: 'g/cup', better: 'lower', decimals: 1, target: 1 },
    { key: 'spilt', title: 'ml spilt', better: 'lower', decimals: 0 },
  ],
  round: () => Promise.resolve({}),
};

test('a chart has a bar for each figure that is asked for, with who was the best peer', () => {
  const peer = (contestant: string, cups: number, grams: number) => ({
    contestant,
    medians: { cups, grams, spilt: 1 },
    spread: {},
    rounds: [],
  });
  const svg = chart([
    {
      row,
      ours: peer('ours', 3000, 4),
      peers: [peer('uWSGI', 1000, 2), peer('nginx', 500, 8)],
      previous: undefined,
      absent: [],
    },
  ]);
  assert.match(svg, /^<svg [^]*<\/svg>\n$/);
  assert.match(svg, />tea &amp; &lt;cakes&gt;</);
  assert.match(svg, />3.00 x: 3,000, uWSGI 1,000</);
  assert.match(svg, />0.50 x: 4, uWSGI 2</);
  assert.doesNotMatch(svg, /spilt/);
});
