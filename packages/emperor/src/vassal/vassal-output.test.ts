import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { VassalOutput, type OutputBudget } from './vassal-output.ts';

function collect(budget?: OutputBudget): {
  output: VassalOutput;
  lines: string[];
  clock: { now: number };
  dropped: number[];
} {
  const lines: string[] = [];
  const dropped: number[] = [];
  const clock = { now: 0 };
  const listener = {
    onLine: (line: string) => lines.push(line),
    onDropped: (count: number) => dropped.push(count),
  };
  return { output: new VassalOutput(listener, () => clock.now, budget), lines, clock, dropped };
}

test('VassalOutput gives the same lines however the chunks are cut', () => {
  const text = Buffer.from('first\nzweite Zeile mit Ümläuten\n\nlast without end');
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
      const { output, lines } = collect();
      const edges = [0, ...cuts.toSorted((one, other) => one - other), text.length];
      for (const [index, edge] of edges.entries()) output.push(text.subarray(edges[index - 1] ?? 0, edge));
      output.end();
      assert.deepEqual(lines, ['first', 'zweite Zeile mit Ümläuten', '', 'last without end']);
    }),
  );
});

test('VassalOutput cuts a line that never ends', () => {
  const { output, lines } = collect();
  for (let count = 0; count < 10; count += 1) output.push(Buffer.alloc(5000, 'x'));
  output.push(Buffer.from('\nnext\n'));
  assert.deepEqual([lines.length, lines[0]?.length, lines[1]], [2, 8192, 'next']);
});

test('VassalOutput cuts a long line that comes in one piece', () => {
  const { output, lines } = collect();
  output.push(Buffer.from(`${'x'.repeat(100_000)}\nnext\n`));
  assert.deepEqual([lines.length, lines[0]?.length, lines[1]], [2, 8192, 'next']);
});

test('VassalOutput drops what exceeds the budget, and says how much', () => {
  const { output, lines, clock, dropped } = collect({ burstLines: 3, linesPerSecond: 2 });
  output.push(Buffer.from('1\n2\n3\n4\n5\n'));
  assert.deepEqual([lines, dropped], [['1', '2', '3'], []]);
  clock.now = 1000;
  output.push(Buffer.from('6\n7\n8\n'));
  output.end();
  assert.deepEqual(
    [lines.slice(3), dropped],
    [
      ['6', '7'],
      [2, 1],
    ],
  );
});

test('VassalOutput makes terminal escapes visible', () => {
  const { output, lines } = collect();
  output.push(Buffer.from('\x1b[31mred\x07\ttab\r\n'));
  assert.deepEqual(lines, ['\\x1b[31mred\\x07\ttab']);
});
