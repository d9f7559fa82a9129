import type { MemoryUsage } from './memory-usage.ts';

/** When a worker has served its time: uWSGI's options of the same names. 0 or absent: no limit. */
export interface LifetimeLimits {
  /** Requests. */
  readonly maxRequests: number;
  /** Worker N gets N times so many requests more, so that not all are replaced at once. */
  readonly maxRequestsDelta?: number;
  /** Not replaced before that age, unless it dies. */
  readonly minWorkerLifetimeSeconds: number;
  readonly maxWorkerLifetimeSeconds?: number;
  readonly maxWorkerLifetimeDelta?: number;
  /** Replaced after its current requests when it holds more memory. */
  readonly reloadOnRssBytes?: number;
  readonly reloadOnAsBytes?: number;
  /** Killed when it holds more memory. */
  readonly evilReloadOnRssBytes?: number;
  readonly evilReloadOnAsBytes?: number;
}

export interface WorkerAge {
  readonly id: number;
  readonly requests: number;
  readonly ageSeconds: number;
}

/** @returns whether it has had its share of requests and is old enough to go */
export function isSpent(limits: LifetimeLimits, { id, requests, ageSeconds }: WorkerAge): boolean {
  const { maxRequests, maxRequestsDelta = 0, minWorkerLifetimeSeconds } = limits;
  return maxRequests > 0 && requests >= maxRequests + id * maxRequestsDelta && ageSeconds >= minWorkerLifetimeSeconds;
}

/** @returns whether it has lived long enough */
export function isOld(limits: LifetimeLimits, { id, ageSeconds }: WorkerAge): boolean {
  const { maxWorkerLifetimeSeconds = 0, maxWorkerLifetimeDelta = 0 } = limits;
  return maxWorkerLifetimeSeconds > 0 && ageSeconds >= maxWorkerLifetimeSeconds + id * maxWorkerLifetimeDelta;
}

export function watchesMemory(limits: LifetimeLimits): boolean {
  const { reloadOnRssBytes = 0, reloadOnAsBytes = 0, evilReloadOnRssBytes = 0, evilReloadOnAsBytes = 0 } = limits;
  return reloadOnRssBytes + reloadOnAsBytes + evilReloadOnRssBytes + evilReloadOnAsBytes > 0;
}

/** What is to be done about a worker's memory. */
export function judgeMemory(limits: LifetimeLimits, { rss, vsz }: MemoryUsage): 'fine' | 'replace' | 'kill' {
  const { reloadOnRssBytes = 0, reloadOnAsBytes = 0, evilReloadOnRssBytes = 0, evilReloadOnAsBytes = 0 } = limits;
  if (exceeds(rss, evilReloadOnRssBytes) || exceeds(vsz, evilReloadOnAsBytes)) return 'kill';
  if (exceeds(rss, reloadOnRssBytes) || exceeds(vsz, reloadOnAsBytes)) return 'replace';
  return 'fine';
}

function exceeds(bytes: number, limit: number): boolean {
  return limit > 0 && bytes >= limit;
}
