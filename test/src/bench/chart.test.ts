import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chart } from './chart.ts';
import { tea } from './testing/tea.ts';

test('a chart has a bar for everything that is asked for beside a peer, and what that is', () => {
  const svg = chart([tea]);
  assert.match(svg, /^<svg [^]*<\/svg>\n$/);
  assert.match(svg, />tea &amp; &lt;cakes&gt;</);
  assert.match(svg, />1.50 x: 30, coffee 20</);
  assert.match(svg, />2.14 x: 30, water 14</);
  assert.doesNotMatch(svg, /spilt|g\/cup|cocoa/);
  assert.equal(svg.match(/stroke-width="2"/g)?.length, 3, 'one in the legend, one for each bar');
});

test('a chart has the first figure of a row that nothing is asked for', () => {
  const columns = tea.row.columns.slice(1).map(({ asks: _asks, ...column }) => column);
  assert.match(chart([{ ...tea, row: { ...tea.row, columns } }]), />1.60 x: 2.5, water 4</);
});
