import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chart } from './chart.ts';
import { tea } from './testing/tea.ts';

test('a chart has a bar for each figure that is compared with a peer, with who was the best one', () => {
  const svg = chart([tea]);
  assert.match(svg, /^<svg [^]*<\/svg>\n$/);
  assert.match(svg, />tea &amp; &lt;cakes&gt;</);
  assert.match(svg, />1.50 x: 30, coffee 20</);
  assert.doesNotMatch(svg, /spilt|g\/cup/);
});
