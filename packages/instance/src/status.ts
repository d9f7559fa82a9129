import type { Counters } from '@emperor/router';

import type { Generation } from './generation.ts';

/** What the emperor and its views know about an instance beyond the one-byte protocol. */
export interface InstanceStatus {
  readonly state: string;
  readonly pid: number;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
  readonly requests: number;
  readonly responses: Readonly<Record<'1xx' | '2xx' | '3xx' | '4xx' | '5xx', number>>;
  readonly bytesOut: number;
  readonly workers: { readonly total: number; readonly busy: number; readonly idle: number };
  readonly queueDepth: number;
  readonly respawns: number;
  readonly openConnections: number;
}

export function instanceStatus(
  state: string,
  startedAt: number,
  counters: Counters,
  generation: Generation | undefined,
): InstanceStatus {
  const [, informational = 0, success = 0, redirect = 0, client = 0, server = 0] = counters.byClass;
  const workers = (generation?.app?.workers ?? []).filter(({ pid }) => pid > 0);
  const busy = workers.filter(({ status }) => status === 'busy').length;
  return {
    state,
    pid: process.pid,
    startedAt,
    requests: counters.requests,
    responses: { '1xx': informational, '2xx': success, '3xx': redirect, '4xx': client, '5xx': server },
    bytesOut: counters.bytesOut,
    workers: { total: workers.length, busy, idle: workers.length - busy },
    queueDepth: generation?.app?.queueLength ?? 0,
    respawns: workers.reduce((sum, { respawnCount }) => sum + respawnCount - 1, 0),
    openConnections: generation?.connectionCount ?? 0,
  };
}
