/*
 * What goes over the control socket of a vassal of ours (`EMPEROR_CONTROL_SOCKET`, DESIGN 2): lines of JSON. Each request is answered
 * with a line, in order; only a subscriber gets more.
 */

/** What can be asked of a vassal. */
export type ControlRequest =
  /** Its figures. */
  | { readonly request: 'status' }
  /** uWSGI's statistics, as its stats server gives them (UWSGI-FACTS 9.11). */
  | { readonly request: 'statistics' }
  /** What it runs with: a `ControlConfiguration`. */
  | { readonly request: 'configuration' }
  /** As the byte of the same name on the emperor socket. With `wait` the answer comes when the reload is over, and is a `ControlReload`. */
  | { readonly request: 'reload'; readonly wait?: boolean }
  | { readonly request: 'stop' }
  /** From now on everything it would tell its emperor, as `ControlNews`; first of all what still holds. */
  | { readonly request: 'subscribe' }
  /** The listening socket that an emperor held for it: a `ControlDone`, with the descriptor (SCM_RIGHTS). */
  | { readonly request: 'held-socket' }
  /** This connection becomes its standard output and standard error. There is no answer: what follows is its log. */
  | { readonly request: 'output' };

export type ControlRequestName = ControlRequest['request'];

/** Upper bounds of the classes of a `ControlHistogram`, in seconds; the last class has none. */
export const LATENCY_BOUNDS_SECONDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** Times, counted since the start of the process. */
export interface ControlHistogram {
  /** Per class, not cumulative: one more than there are bounds. */
  readonly counts: readonly number[];
  /** Of all times, in seconds. */
  readonly sumSeconds: number;
}

/** How it was lately: over between half a minute and a minute. */
export interface ControlRecent {
  /** What the figures are about; shorter after a start. */
  readonly seconds: number;
  readonly requestsPerSecond: number;
  /** Answers 5xx. */
  readonly errors: number;
  /** Time from the first byte of a request to the last of its answer; null without requests. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

/** One process of an instance. */
export interface ControlProcess {
  readonly pid: number;
  /** `vassal`, `zygote`, `worker 1`, `spooler`, the name of a daemon. */
  readonly role: string;
  readonly parent: number;
  /** Memory that is its own: what would be free without it. */
  readonly privateBytes: number;
  readonly rssBytes: number;
  readonly cpuSeconds: number;
}

/** The last reload and what came of it. */
export interface ControlReload {
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly outcome: 'done' | 'refused';
  /** What asked for it, or why it was refused. */
  readonly reason: string;
  readonly tookMs: number;
  /** Answers 5xx, from its beginning until the old generation had answered its last request. */
  readonly failed?: number;
}

/** Memory of all processes of an instance, in bytes. */
export interface ControlMemory {
  readonly privateBytes: number;
  readonly rssBytes: number;
  /** By the option that sets it (`limit-as`, `reload-on-rss`): what one of its processes may have. */
  readonly limits?: Readonly<Record<string, number>>;
}

/** The answer to `status`. What is optional came later: an emperor may adopt vassals that are older than itself. */
export interface ControlStatus {
  readonly state: string;
  readonly pid: number;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
  readonly requests: number;
  /** By class of status. */
  readonly responses: Readonly<Record<'1xx' | '2xx' | '3xx' | '4xx' | '5xx', number>>;
  readonly bytesOut: number;
  /** `maximum`: as many as there may be (`processes`). */
  readonly workers: { readonly total: number; readonly busy: number; readonly idle: number; readonly maximum?: number };
  /** Requests that wait for a worker; how many may; and how many were answered 503 because the queue was full. */
  readonly queueDepth: number;
  readonly queueLimit?: number;
  readonly queueRefused?: number;
  /** Requests that are in workers; and how many a worker may be sent at the moment before it answers one. */
  readonly inFlight?: number;
  readonly dispatchDepth?: number;
  readonly exceptions: number;
  /** Workers started in place of others, whatever the reason. */
  readonly respawns: number;
  /** Workers killed because a request took too long. */
  readonly harakiris?: number;
  readonly openConnections: number;
  /** Where it listens, as URLs: `http://127.0.0.1:8000`, `uwsgi://127.0.0.1:8001`. */
  readonly addresses: readonly string[];
  readonly recent?: ControlRecent;
  /** Whole time of requests. */
  readonly latency?: ControlHistogram;
  /** Time requests waited for a worker. */
  readonly queueTime?: ControlHistogram;
  /** Time the workers took. */
  readonly serviceTime?: ControlHistogram;
  readonly memory?: ControlMemory;
  /** Of all its processes, those that have ended included. */
  readonly cpuSeconds?: number;
  readonly processes?: readonly ControlProcess[];
  readonly reloads?: number;
  readonly lastReload?: ControlReload;
  readonly logLinesDropped?: number;
  /** What was wrong with its files when they were read last, at its start or by a reload: warnings, or why it was refused. */
  readonly configProblems?: number;
  /** Daemons, jobs, timers, subscriptions, caches: what each service tells of itself, by its name. */
  readonly services?: Readonly<Record<string, unknown>>;
}

/** One effective option and where it came from. */
export interface ControlConfigurationEntry {
  readonly key: string;
  readonly value: string;
  /** `FILE:LINE`, or what else it came from. */
  readonly origin: string;
}

/** What the clock will start. */
export interface ControlNextRun {
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly what: string;
}

/** How many jobs there are in one place of a spooler. */
export interface ControlJobs {
  readonly place: string;
  readonly waiting: number;
  readonly running: number;
  /** Given up. */
  readonly dead: number;
}

/** The answer to `configuration`: what is asked for less often than the status, and takes longer to find out. */
export interface ControlConfiguration {
  readonly entries: readonly ControlConfigurationEntry[];
  /** What is wrong with its files as they are now, with file and line. */
  readonly problems: readonly string[];
  /** Soonest first. */
  readonly nextRuns?: readonly ControlNextRun[];
  readonly jobs?: readonly ControlJobs[];
}

/** The answer to a request that is obeyed. */
export interface ControlDone {
  readonly done: ControlRequestName;
}

/** A request that is not understood. */
export interface ControlError {
  readonly error: string;
}

/** What a subscriber hears. The end of the connection without `ended` is the death of the vassal. */
export type ControlNews =
  /** `VassalByte`s, as on the emperor socket. */
  | { readonly said: readonly number[] }
  /** The exit code it is about to end with. */
  | { readonly ended: number };

/** Name of the file beside the control socket with what the vassal has written while it had no emperor. */
export const LONELY_LOG = 'lonely.log';

/** Environment variable with the path of the control socket. */
export const CONTROL_SOCKET_VARIABLE = 'EMPEROR_CONTROL_SOCKET';

/**
 * Environment variable with the address of a listening socket that the emperor holds for the vassal; the vassal has it as its
 * standard input, and need not open what its configuration asks for at that address.
 */
export const HELD_SOCKET_VARIABLE = 'EMPEROR_VASSAL_SOCKET';

/**
 * Environment variable with `UID:PATH` of a configuration file whose vassal runs with the rights of its owner (tyrant mode): when
 * the file is opened it must still belong to that user.
 */
export const FILE_OWNER_VARIABLE = 'EMPEROR_VASSAL_FILE_OWNER';

/** Environment variable that is `1` when the vassal is to go on serving without its emperor. */
export const OUTLIVES_VARIABLE = 'EMPEROR_VASSAL_OUTLIVES';
