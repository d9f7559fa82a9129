import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';

import type { EmperorEvent } from '../events.ts';
import { WELL } from '../testing/statuses.ts';
import type { VassalFigures } from '../vassal/vassal-figures.ts';
import { ReloadWatch } from './reload-watch.ts';

/** What is told of a vassal `a` to which these things happen, whose figures are those. */
async function told(figures: VassalFigures | undefined, ...events: EmperorEvent[]): Promise<EmperorEvent[]> {
  const heard: EmperorEvent[] = [];
  const watch = new ReloadWatch(
    () => Promise.resolve(figures),
    (event) => heard.push(event),
  );
  for (const event of events) watch.note(event);
  await setImmediate();
  return heard;
}

const ASKED: EmperorEvent = { type: 'vassal-reloading', vassal: 'a', pid: 1, by: 'touch' };
const READY: EmperorEvent = { type: 'vassal-ready', vassal: 'a', pid: 1, afterMs: 5 };

test('a reload is told with who asked for it, how long it took and how many requests failed', async () => {
  assert.deepEqual(await told(WELL.figures, ASKED, READY), [
    { type: 'vassal-reloaded', vassal: 'a', isDone: true, reason: 'touch', tookMs: 340, failed: 0 },
  ]);
});

test('a reload of a program that tells nothing is told with the time that the emperor has waited', async () => {
  const [event] = await told(undefined, ASKED, READY);
  assert.ok(event?.type === 'vassal-reloaded' && event.tookMs >= 0 && event.failed === undefined);
});

test('a refused reload is told with why', async () => {
  const lastReload = { at: 0, outcome: 'refused', reason: 'the new code does not load', tookMs: 9, failed: 0 } as const;
  const figures = { ...(WELL.figures as VassalFigures), lastReload };
  const refused: EmperorEvent = { type: 'vassal-reload-refused', vassal: 'a', pid: 1 };
  assert.deepEqual(await told(figures, ASKED, refused), [
    { type: 'vassal-reloaded', vassal: 'a', isDone: false, reason: 'the new code does not load', tookMs: 9, failed: 0 },
  ]);
});

test('a reload that nobody here asked for names the file that was touched', async () => {
  const reason = '*** /srv/reload.me has been touched... grace them all !!! ***';
  const lastReload = { at: 0, outcome: 'done', reason, tookMs: 9, failed: 0 } as const;
  const figures = { ...(WELL.figures as VassalFigures), lastReload };
  const [event] = await told(figures, { type: 'vassal-self-reloaded', vassal: 'a', pid: 1 });
  assert.ok(event?.type === 'vassal-reloaded' && event.reason === 'touch of /srv/reload.me');
});

test('a start is no reload', async () => {
  assert.deepEqual(await told(WELL.figures, { type: 'vassal-launched', vassal: 'a', pid: 1 }, READY), []);
});
