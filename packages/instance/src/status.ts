import type { Counters } from '@emperor/router';

import type { Generation } from './generation.ts';
import type { InstanceSocket } from './sockets.ts';

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
  readonly exceptions: number;
  readonly respawns: number;
  readonly openConnections: number;
  /** Where it listens, as URLs: `http://127.0.0.1:8000`, `uwsgi://127.0.0.1:8001`. */
  readonly addresses: readonly string[];
}

/** What the status is made of. */
export interface StatusSource {
  readonly state: string;
  readonly startedAt: number;
  readonly counters: Counters;
  readonly generation: Generation | undefined;
  readonly sockets: readonly InstanceSocket[];
}

export function instanceStatus({ state, startedAt, counters, generation, sockets }: StatusSource): InstanceStatus {
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
    respawns: workers.reduce((sum, { respawnCount }) => sum + respawnCount, 0),
    openConnections: sockets.reduce((sum, socket) => sum + socket.connectionCount, 0),
    exceptions: workers.reduce((sum, worker) => sum + worker.exceptions, 0),
    addresses: sockets.map(
      ({ request }) => `${request.protocol === 'http-socket' ? 'http' : request.protocol}://${request.name}`,
    ),
  };
}
