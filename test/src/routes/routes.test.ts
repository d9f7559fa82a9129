import assert from 'node:assert/strict';
import { chmodSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';

import { Rig } from '../rig/rig.ts';
import { CASES } from './cases.ts';
import { askBoth, besideUwsgi, fence, type RouteCase, startBoth } from './side-by-side.ts';

/** What the cases find in the directory of the instance. */
function layOut(rig: Rig): void {
  rig.write('page.html', '<p>page</p>\n');
  rig.write('style.css', 'p {}\n');
  rig.write('dir/inner.txt', 'inner');
  rig.write('htpasswd', 'kate:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n');
  chmodSync(rig.write('run.sh', '#!/bin/sh\n'), 0o755);
  symlinkSync('page.html', rig.path('link.html'));
  symlinkSync('nowhere', rig.path('broken'));
}

/** What is wrong with the answers to a case; undefined where both answer the same, or differ as the table says. */
function complaint({ title, ours: own }: RouteCase, answers: { ours: string; theirs: string }): string | undefined {
  const { ours, theirs } = answers;
  const both = `\n  ours:  ${JSON.stringify(ours)}\n  uWSGI: ${JSON.stringify(theirs)}`;
  if (own === undefined) return ours === theirs ? undefined : `${title}: the answers differ${both}`;
  if (ours === theirs) return `${title}: the table says that they differ (${own.because}), and they do not${both}`;
  return own.answer.test(ours) ? undefined : `${title}: not what the table says (${own.because})${both}`;
}

test('each rule does what it does in the real uWSGI', besideUwsgi, async (t) => {
  await using rig = Rig.open(t, { mayLeave: /\.out$/ });
  layOut(rig);
  const topics = Object.entries(CASES);
  const all = topics.flatMap(([, cases]) => cases);
  const pair = await startBoth(rig, [
    'collect-header = Content-Type TYPE',
    `static-safe = ${rig.directory}`,
    ...all.flatMap((tried, index) => fence(tried, index, rig.directory)),
  ]);
  await t.test('the tables that are printed at the start', () => {
    const [ours, theirs] = [pair.ours, pair.theirs].map(({ program }) =>
      program.log.lines.filter((line) => /^\[rule: |^\*\*\* (?:dumping|end of) |^collecting header/.test(line)),
    );
    assert.deepEqual(ours, theirs);
  });
  let index = 0;
  for (const [topic, cases] of topics) {
    await t.test(`${topic}: ${cases.length} cases`, async () => {
      const complaints: string[] = [];
      for (const tried of cases) {
        const found = complaint(tried, await askBoth(pair, tried, index++));
        if (found !== undefined) complaints.push(found);
      }
      assert.equal(complaints.join('\n'), '');
    });
  }
});
