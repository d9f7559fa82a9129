import {
  type ControlHistogram,
  type ControlMemory,
  type ControlProcess,
  type ControlRecent,
  type ControlReload,
  type ControlStatus,
  LATENCY_BOUNDS_SECONDS,
} from '@emperor/protocol';

/** What a vassal of ours tells about itself over its control socket. What is absent it did not tell, or told badly. */
export type VassalFigures = Omit<ControlStatus, 'state' | 'pid' | 'startedAt'>;

/** Keys of `responses`. */
const RESPONSE_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** More than a sane vassal has; others do not get to fill our memory. */
const MOST_PROCESSES = 512;
const MOST_ADDRESSES = 64;
const MOST_LIMITS = 16;

/** An object of JSON. */
export type Json = { readonly [key: string]: unknown };

/** Takes what is sensible of an answer to `status`: a vassal may run with other rights than we do, and is not trusted. */
export function readFigures(line: string): VassalFigures | undefined {
  const answer = parseObject(line);
  if (answer === undefined) return undefined;
  const workers = objectOf(answer['workers']);
  const responses = objectOf(answer['responses']);
  return {
    requests: count(answer['requests']),
    responses: Object.fromEntries(
      RESPONSE_CLASSES.map((each) => [each, count(responses[each])]),
    ) as ControlStatus['responses'],
    bytesOut: count(answer['bytesOut']),
    workers: {
      total: count(workers['total']),
      busy: count(workers['busy']),
      idle: count(workers['idle']),
      ...optional('maximum', workers['maximum'], count),
    },
    queueDepth: count(answer['queueDepth']),
    exceptions: count(answer['exceptions']),
    respawns: count(answer['respawns']),
    openConnections: count(answer['openConnections']),
    addresses: texts(answer['addresses']).slice(0, MOST_ADDRESSES),
    ...optional('recent', answer['recent'], readRecent),
    ...optional('latency', answer['latency'], readHistogram),
    ...optional('queueTime', answer['queueTime'], readHistogram),
    ...optional('serviceTime', answer['serviceTime'], readHistogram),
    ...optional('queueLimit', answer['queueLimit'], count),
    ...optional('queueRefused', answer['queueRefused'], count),
    ...optional('inFlight', answer['inFlight'], count),
    ...optional('dispatchDepth', answer['dispatchDepth'], count),
    ...optional('harakiris', answer['harakiris'], count),
    ...optional('memory', answer['memory'], readMemory),
    ...optional('cpuSeconds', answer['cpuSeconds'], count),
    ...optional('processes', answer['processes'], readProcesses),
    ...optional('reloads', answer['reloads'], count),
    ...optional('lastReload', answer['lastReload'], readReload),
    ...optional('logLinesDropped', answer['logLinesDropped'], count),
    ...optional('configProblems', answer['configProblems'], count),
    ...optional('services', answer['services'], (value) => (isObject(value) ? value : undefined)),
  };
}

/** A property that is there only when its value can be read. */
function optional<Key extends string, Value>(
  key: Key,
  value: unknown,
  read: (value: unknown) => Value | undefined,
): Partial<Record<Key, Value>> {
  const found = value === undefined || value === null ? undefined : read(value);
  return found === undefined ? {} : ({ [key]: found } as Record<Key, Value>);
}

function readRecent(value: unknown): ControlRecent {
  const recent = objectOf(value);
  const milliseconds = (figure: unknown): number | null => (typeof figure === 'number' ? count(figure) : null);
  return {
    seconds: count(recent['seconds']),
    requestsPerSecond: count(recent['requestsPerSecond']),
    errors: count(recent['errors']),
    p50Ms: milliseconds(recent['p50Ms']),
    p95Ms: milliseconds(recent['p95Ms']),
    p99Ms: milliseconds(recent['p99Ms']),
  };
}

function readHistogram(value: unknown): ControlHistogram | undefined {
  const { counts, sumSeconds } = objectOf(value);
  if (!Array.isArray(counts) || counts.length !== LATENCY_BOUNDS_SECONDS.length + 1) return undefined;
  return { counts: counts.map(count), sumSeconds: count(sumSeconds) };
}

function readMemory(value: unknown): ControlMemory {
  const memory = objectOf(value);
  const limits = Object.entries(objectOf(memory['limits'])).slice(0, MOST_LIMITS);
  return {
    privateBytes: count(memory['privateBytes']),
    rssBytes: count(memory['rssBytes']),
    limits: Object.fromEntries(limits.map(([option, bytes]) => [text(option), count(bytes)])),
  };
}

function readProcesses(value: unknown): ControlProcess[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return objects(value, MOST_PROCESSES).map((process) => ({
    pid: count(process['pid']),
    role: text(process['role']),
    parent: count(process['parent']),
    privateBytes: count(process['privateBytes']),
    rssBytes: count(process['rssBytes']),
    cpuSeconds: count(process['cpuSeconds']),
  }));
}

function readReload(value: unknown): ControlReload {
  const reload = objectOf(value);
  return {
    at: count(reload['at']),
    outcome: reload['outcome'] === 'refused' ? 'refused' : 'done',
    reason: text(reload['reason']),
    tookMs: count(reload['tookMs']),
    ...optional('failed', reload['failed'], count),
  };
}

/** An object of JSON, or undefined. */
export function parseObject(line: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOf(value: unknown): Json {
  return isObject(value) ? value : {};
}

/** The objects in a list, and no more than so many. */
export function objects(value: unknown, most: number): Json[] {
  return Array.isArray(value) ? value.slice(0, most).filter(isObject) : [];
}

/** What is no sensible number counts as 0, so that an older vassal is read too. */
export function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 1000) : '';
}

/** The texts in a list. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
