import type { TreeProcess } from './format.ts';

/** What the page reads of the emperor's API (packages/emperor/src/admin/admin-api.ts, admin-site.ts). Times are ISO 8601. */

export interface Recent {
  readonly seconds: number;
  readonly requestsPerSecond: number;
  /** Answers 5xx. */
  readonly errors: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export interface Workers {
  readonly total: number;
  readonly busy: number;
  readonly idle: number;
  readonly maximum?: number;
}

export interface Reload {
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly outcome: string;
  readonly reason: string;
  readonly tookMs: number;
  /** Requests. */
  readonly failed?: number;
}

export interface Figures {
  readonly requests: number;
  readonly responses: Readonly<Record<string, number>>;
  readonly workers: Workers;
  readonly queueDepth: number;
  readonly openConnections: number;
  readonly addresses: readonly string[];
  readonly recent?: Recent;
  readonly memory?: { readonly privateBytes: number; readonly limits?: Readonly<Record<string, number>> };
  readonly cpuSeconds?: number;
  readonly processes?: readonly TreeProcess[];
  readonly lastReload?: Reload;
  readonly logLinesDropped?: number;
  readonly services?: Readonly<Record<string, unknown>>;
}

export interface Vassal {
  readonly name: string;
  readonly path: string;
  readonly state: string;
  readonly reason?: string;
  readonly since: string;
  readonly pid?: number;
  readonly launches: number;
  /** In a row. */
  readonly failures: number;
  readonly failing: boolean;
  readonly lastExit?: string;
  readonly lastError?: string;
  readonly nextTry?: string;
  /** Of an invalid one: what it wrote when it refused its configuration. */
  readonly diagnostics?: readonly string[];
  readonly answering: boolean;
  /** It has a control socket to be asked at. */
  readonly tells: boolean;
  readonly upSince?: string;
  readonly memoryLimitBytes?: number;
  readonly configProblems?: number;
  readonly figures?: Figures;
}

/** The event `status` of `/live`; what is on the page of one vassal only comes with the event `vassal`. */
export interface LiveStatus {
  readonly pid: number;
  readonly since: string;
  readonly vassals: readonly Vassal[];
  /** Requests per second of the last ten minutes, by vassal. */
  readonly sparklines: Readonly<Record<string, readonly (number | null)[]>>;
  readonly allowsWrites: boolean;
}

/** The events `happened` and `output` of `/live`. */
export interface EventLine {
  readonly time: string;
  readonly event: string;
  readonly vassal?: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

/** What the clock will start. */
export interface NextRun {
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly what: string;
}

/** Jobs in one place of a spooler. */
export interface Jobs {
  readonly place: string;
  readonly waiting: number;
  readonly running: number;
  readonly dead: number;
}

/** `/vassals/NAME` */
export interface VassalPage {
  readonly status: Vassal;
  readonly configuration?: {
    readonly entries: readonly { readonly key: string; readonly value: string; readonly origin: string }[];
    readonly problems: readonly string[];
    readonly nextRuns?: readonly NextRun[];
    readonly jobs?: readonly Jobs[];
  };
}

/** `/samples?vassal=NAME`: columns of equal length. Times in Unix seconds. */
export interface Samples {
  readonly times: number[];
  readonly requestsPerSecond: (number | null)[];
  readonly p50Ms: (number | null)[];
  readonly p95Ms: (number | null)[];
  readonly p99Ms: (number | null)[];
  readonly privateBytes: (number | null)[];
}

/** What became of a command. */
export interface Outcome {
  readonly isDone: boolean;
  readonly sentence: string;
  readonly lines: readonly string[];
}

/** Asks the emperor. @throws Error with the emperor's sentence */
export async function ask<Answer>(path: string, method: 'GET' | 'POST' = 'GET'): Promise<Answer> {
  const response = await fetch(path, { method, headers: { Accept: 'application/json' } });
  const answer: unknown = await response.json();
  if (response.ok) return answer as Answer;
  throw new Error(
    (answer as { readonly error?: string }).error ?? `the emperor answers with status ${response.status}`,
  );
}

/** Lines that happened in the past: what vassals wrote, or what happened to them. */
export async function pastLines(kind: 'output' | 'events', vassal: string, count: number): Promise<EventLine[]> {
  const response = await fetch(`/${kind}?vassal=${encodeURIComponent(vassal)}&count=${count}`);
  const text = await response.text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as EventLine);
}
