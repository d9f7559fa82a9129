import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EmperorFigures } from './emperor-figures.ts';
import { Metrics } from './metrics.ts';
import type { VassalStatus } from './status.ts';

const LOYAL: VassalStatus = {
  name: '/srv/www/a "quoted"/uwsgi.ini',
  path: '/srv/www/a "quoted"/uwsgi.ini',
  state: 'loyal',
  since: '2026-11-22T15:56:34.000Z',
  pid: 7,
  launches: 3,
  failures: 0,
  failing: false,
  outOfMemoryKills: 0,
  lastLines: [],
  answering: true,
  tells: true,
  figures: {
    requests: 7,
    responses: { '1xx': 0, '2xx': 5, '3xx': 0, '4xx': 0, '5xx': 2 },
    bytesOut: 1234,
    workers: { total: 3, busy: 1, idle: 2 },
    queueDepth: 3,
    exceptions: 1,
    respawns: 4,
    openConnections: 6,
    addresses: [],
    latency: { counts: [1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], sumSeconds: 12.5 },
    memory: { privateBytes: 1024, rssBytes: 2048 },
  },
};

const { pid: _pid, figures: _figures, ...WITHOUT_PROCESS } = LOYAL;
const CURSED: VassalStatus = {
  ...WITHOUT_PROCESS,
  name: 'b.ini',
  state: 'cursed',
  failures: 12,
  failing: true,
  nextTry: '2026-11-22T15:56:34.000Z',
  answering: false,
  tells: false,
};

function value(text: string, metric: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${metric} `));
  return line === undefined ? undefined : Number(line.slice(metric.length));
}

test('Metrics tells how each vassal feels', async () => {
  let now = 0;
  const figures = new EmperorFigures(() => now);
  const exited = { type: 'vassal-exited', vassal: 'b.ini', pid: 1, next: 'cursed', failures: 1, retryMs: 200 } as const;
  figures.note({ ...exited, exit: { kind: 'code', code: 1 } });
  figures.note({ ...exited, exit: { kind: 'signal', signal: 'SIGKILL' } });
  figures.note({ type: 'vassal-silent', vassal: 'b.ini', pid: 1, heardMsAgo: 30_000 });
  figures.note({ ...exited, exit: { kind: 'signal', signal: 'SIGKILL' } });
  figures.note({ type: 'vassal-launched', vassal: LOYAL.name, pid: 7 });
  now = 340;
  figures.note({ type: 'vassal-ready', vassal: LOYAL.name, pid: 7, afterMs: 1 });
  const text = await new Metrics(figures).render([LOYAL, CURSED]);
  const a = 'vassal="/srv/www/a \\"quoted\\"/uwsgi.ini"';
  const expected: [string, number][] = [
    [`emperor_vassal_up{${a}}`, 1],
    ['emperor_vassal_up{vassal="b.ini"}', 0],
    [`emperor_vassal_state{${a},state="loyal"}`, 1],
    [`emperor_vassal_state{${a},state="cursed"}`, 0],
    ['emperor_vassal_state{vassal="b.ini",state="cursed"}', 1],
    [`emperor_vassal_restarts_total{${a}}`, 2],
    ['emperor_vassal_failures{vassal="b.ini"}', 12],
    [`emperor_vassal_failing{${a}}`, 0],
    ['emperor_vassal_failing{vassal="b.ini"}', 1],
    ['emperor_vassal_next_try_timestamp_seconds{vassal="b.ini"}', Date.parse('2026-11-22T15:56:34.000Z') / 1000],
    [`emperor_vassal_requests_total{${a}}`, 7],
    [`emperor_vassal_responses_total{${a},code="5xx"}`, 2],
    [`emperor_vassal_workers{${a},state="busy"}`, 1],
    [`emperor_vassal_queue_depth{${a}}`, 3],
    ['emperor_vassal_exits_total{vassal="b.ini",reason="failure"}', 1],
    ['emperor_vassal_exits_total{vassal="b.ini",reason="signal"}', 1],
    ['emperor_vassal_exits_total{vassal="b.ini",reason="silent"}', 1],
    [`emperor_vassal_ready_duration_seconds{${a}}`, 0.34],
    [`emperor_vassal_request_duration_seconds_bucket{le="0.005",${a}}`, 3],
    [`emperor_vassal_request_duration_seconds_bucket{le="+Inf",${a}}`, 4],
    [`emperor_vassal_request_duration_seconds_sum{${a}}`, 12.5],
    [`emperor_vassal_request_duration_seconds_count{${a}}`, 4],
    [`emperor_vassal_private_memory_bytes{${a}}`, 1024],
    ['emperor_vassals{state="loyal"}', 1],
    ['emperor_vassals{state="ready"}', 0],
  ];
  for (const [metric, wanted] of expected) assert.equal(value(text, metric), wanted, metric);
  assert.equal(value(text, 'emperor_vassal_requests_total{vassal="b.ini"}'), undefined);
});

test('Metrics counts anew in each scrape, even when two come at once', async () => {
  const metrics = new Metrics(new EmperorFigures());
  const texts = await Promise.all([metrics.render([LOYAL]), metrics.render([LOYAL]), metrics.render([CURSED])]);
  const metric = 'emperor_vassal_sent_bytes_total{vassal="/srv/www/a \\"quoted\\"/uwsgi.ini"}';
  assert.deepEqual(
    texts.map((text) => value(text, metric)),
    [1234, 1234, undefined],
  );
});
