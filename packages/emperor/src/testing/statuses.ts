import type { VassalStatus } from '../admin/status.ts';

/** What views are tried with. */
export const NOW: number = Date.parse('2026-11-22T16:00:00.000Z');

export const WELL: VassalStatus = {
  name: '/srv/www/a-rather-long-name-of-a-site/project/uwsgi.ini',
  path: '/srv/www/a-rather-long-name-of-a-site/project/uwsgi.ini',
  state: 'loyal',
  since: '2026-11-22T12:00:00.000Z',
  pid: 1_234_567,
  launches: 1,
  failures: 0,
  failing: false,
  outOfMemoryKills: 0,
  lastLines: ['one', 'two'],
  answering: true,
  tells: true,
  upSince: '2026-11-22T11:00:00.000Z',
  memoryLimitBytes: 268_435_456,
  configProblems: 1,
  figures: {
    requests: 1234,
    responses: { '1xx': 0, '2xx': 1232, '3xx': 0, '4xx': 0, '5xx': 2 },
    bytesOut: 0,
    workers: { total: 4, busy: 1, idle: 3, maximum: 8 },
    queueDepth: 0,
    exceptions: 0,
    respawns: 0,
    openConnections: 0,
    addresses: ['http://127.0.0.1:8000'],
    recent: { seconds: 45, requestsPerSecond: 12.3, errors: 2, p50Ms: 0.84, p95Ms: 12.4, p99Ms: 1500 },
    memory: { privateBytes: 25_165_824, rssBytes: 50_331_648, limits: { 'reload-on-rss': 209_715_200 } },
    cpuSeconds: 12.34,
    processes: [
      { pid: 1_234_567, role: 'vassal', parent: 1, privateBytes: 20_971_520, rssBytes: 0, cpuSeconds: 10 },
      { pid: 1_234_568, role: 'zygote', parent: 1_234_567, privateBytes: 4_194_304, rssBytes: 0, cpuSeconds: 0.2 },
      { pid: 1_234_569, role: 'worker 1', parent: 1_234_568, privateBytes: 2_097_152, rssBytes: 0, cpuSeconds: 2 },
    ],
    lastReload: { at: NOW - 60_000, outcome: 'done', reason: 'touched', tookMs: 340.4, failed: 0 },
    services: { caches: [{ name: 'prices', items: 3, full: 0 }] },
  },
};

export const CURSED: VassalStatus = {
  name: 'z.ini',
  path: '/srv/z.ini',
  state: 'cursed',
  reason: 'exit status 22, failure 6 in a row',
  since: '2026-11-22T15:59:50.000Z',
  launches: 6,
  failures: 6,
  failing: false,
  outOfMemoryKills: 0,
  lastExit: 'exit status 22',
  lastError: "ModuleNotFoundError: No module named 'nomod'",
  nextTry: '2026-11-22T16:00:12.000Z',
  lastLines: ["ModuleNotFoundError: No module named 'nomod'"],
  answering: false,
  tells: false,
};
