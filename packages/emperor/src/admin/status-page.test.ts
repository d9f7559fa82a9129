import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CURSED, NOW, WELL } from '../testing/statuses.ts';
import { statusPage } from './status-page.ts';

test('statusPage says why one is not up, and what it wrote', () => {
  const page = statusPage({ status: CURSED }, [], NOW);
  assert.match(
    page,
    /^z\.ini\n {2}state {7}cursed, for 10s\n {2}reason {6}exit status 22, failure 6 in a row\n {2}error {7}Mod/,
  );
  assert.match(page, /next try {4}in 12s\n/);
  assert.match(page, /Last lines:\n {2}ModuleNotFoundError/);
});

test('statusPage tells how one that is up fares: figures, processes, configuration with origins, events', () => {
  const configuration = {
    entries: [{ key: 'processes', value: '4', origin: 'uwsgi.ini:3' }],
    problems: ['uwsgi.ini:9:1: warning: unknown option'],
  };
  const event = { event: 'vassal-loyal', level: 'info', message: '[emperor] vassal z is now loyal' } as const;
  const page = statusPage({ status: WELL, configuration }, [{ ...event, time: '2026-11-22T12:00:00.000Z' }], NOW);
  for (const expected of [
    /workers {5}1 of 4 busy, 8 at most; 0 requests waiting\n/,
    /requests {4}1234, 2 of them answered with 5xx\n/,
    /lately {6}12 requests\/s, p50 0\.8ms, p95 12ms, p99 1\.5s, 2 5xx\n/,
    /memory {6}24M of its own\n/,
    /last reload {1}60s ago, done: touched, 340 ms\n/,
    /Processes:\n {2}1234567 vassal {2}20M {2}10\.0 s\n {4}1234568 zygote .*\n {6}1234569 worker 1 /,
    /Services:\n {2}jobs: \{"waiting":3\}\n/,
    /Configuration:\n {2}processes = 4 {3}\(uwsgi\.ini:3\)\n/,
    /Problems of its files as they are now:\n {2}uwsgi\.ini:9:1: warning: unknown option\n/,
    /Events:\n {2}\d\d:\d\d:\d\d vassal z is now loyal\n/,
  ]) {
    assert.match(page, expected);
  }
});

test('statusPage renders terminal escapes harmless', () => {
  assert.ok(!statusPage({ status: { ...CURSED, lastLines: ['\u001B[2J'] } }, [], NOW).includes('\u001B'));
});
