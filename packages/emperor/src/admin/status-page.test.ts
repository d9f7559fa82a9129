import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CURSED, NOW, WELL } from '../testing/statuses.ts';
import { statusPage } from './status-page.ts';

test('statusPage says why one is not up, and what it wrote', () => {
  const page = statusPage({ status: CURSED }, [], NOW);
  assert.match(
    page,
    /^z\.ini\n {2}state {8}cursed, for 10s\n {2}reason {7}exit status 22, failure 6 in a row\n {2}error {8}Mod/,
  );
  assert.match(page, /next try {5}in 12s\n/);
  assert.match(page, /Last lines:\n {2}ModuleNotFoundError/);
});

test('statusPage tells how one that is up fares: figures, processes, configuration with origins, events', () => {
  const configuration = {
    entries: [{ key: 'processes', value: '4', origin: 'uwsgi.ini:3' }],
    problems: ['uwsgi.ini:9:1: warning: unknown option'],
    nextRuns: [{ at: NOW + 7_200_000, what: 'echo night' }],
    jobs: [{ place: '/srv/jobs', waiting: 3, running: 1, dead: 2 }],
  };
  const event = {
    event: 'vassal-loyal',
    level: 'info',
    message: `[emperor] vassal ${WELL.name} is now loyal`,
  } as const;
  const page = statusPage({ status: WELL, configuration }, [{ ...event, time: '2026-11-22T12:00:00.000Z' }], NOW);
  for (const expected of [
    /problems {5}1 in its configuration, when it was read last\n/,
    /process {6}1234567, up for 5h\n/,
    /workers {6}1 busy, 3 idle, 8 at most\n/,
    /queue {8}0 requests wait for a worker\n/,
    /requests {5}1234, 2 of them answered with 5xx\n/,
    /lately {7}12 requests\/s, p50 0\.8ms, p95 12ms, p99 1\.5s, 2 5xx\n/,
    /memory {7}24M of its own, of 256M that it may have\n/,
    /limits {7}reload-on-rss 200M for each process\n/,
    /last reload {2}60s ago, 340ms, 0 failed\n/,
    /Processes:\n {2}1234567 vassal {2}20M {2}10\.0 s\n {4}1234568 zygote .*\n {6}1234569 worker 1 /,
    /Next runs:\n {2}(?:\w+ \d+ )?\d\d:00, in 2h {2}echo night\n/,
    /Jobs:\n {2}\/srv\/jobs {2}3 waiting, 1 running, 2 given up: vassal jobs \/srv\/jobs\n/,
    /Services:\n {2}caches {2}name prices, items 3\n/,
    /Configuration:\n {2}processes = 4 {3}\(uwsgi\.ini:3\)\n/,
    /Problems of its files as they are now:\n {2}uwsgi\.ini:9:1: warning: unknown option\n/,
    /Events:\n {2}(?:\w+ \d+ )?\d\d:\d\d:\d\d is now loyal\n/,
  ]) {
    assert.match(page, expected);
  }
});

test('statusPage renders terminal escapes harmless', () => {
  assert.ok(!statusPage({ status: { ...CURSED, lastLines: ['\u001B[2J'] } }, [], NOW).includes('\u001B'));
});
