import { compilePattern, PatternError } from '../pattern.ts';
import { BatchedLog } from './batched-log.ts';
import type { FileOwner } from './file-sink.ts';
import { InheritedSink } from './inherited-sink.ts';
import { encoderChain, type LineEncoder, parseLineEncoder } from './line-encoder.ts';
import { linePrefix } from './line-prefix.ts';
import { LineRouter, type RoutedTarget } from './line-router.ts';
import type { Log } from './log.ts';
import { type LogTarget, LogTargetError, parseLogTarget } from './log-target.ts';
import { type LogPlace, type LogTargetOptions, openSink, STDERR } from './open-sink.ts';

/** Options of the logs, by their uWSGI names. Lists default to none. */
export interface LogOptions extends LogTargetOptions {
  /** Empties the file that is logged to instead of stderr; those of `logger` and `req-logger` are always appended to. */
  readonly 'log-truncate'?: boolean;
  readonly logger?: readonly string[];
  readonly 'req-logger'?: readonly string[];
  /** Everything to this file, or `host:port` over UDP, instead of stderr. */
  readonly logto?: string | undefined;
  readonly logto2?: string | undefined;
  readonly daemonize?: string | undefined;
  /** An ident for the machine's syslog; an address that gets each line as a datagram. */
  readonly 'log-syslog'?: string | undefined;
  readonly 'log-socket'?: string | undefined;
  readonly 'log-route'?: readonly string[];
  readonly 'log-req-route'?: readonly string[];
  readonly 'log-encoder'?: readonly string[];
  readonly 'log-req-encoder'?: readonly string[];
  readonly 'log-filter'?: readonly string[];
  readonly 'log-drain'?: readonly string[];
  /** `true` for C's ctime, or a strftime format (also known as `log-date`). */
  readonly logdate?: string | undefined;
  readonly 'log-prefix'?: string | undefined;
}

/** The two logs of an instance; both may end in the same target. */
export interface Logs {
  /** Everything but request lines. */
  readonly messages: Log;
  /** What programs print: the same, without the date and prefix that are put before our own lines. */
  readonly printed: Log;
  readonly requests: Log;
  /** stderr, wherever the logs go: for what uWSGI says before it opens them. */
  readonly stderr: Log;
  /** What happened while opening, for the log: a directory that was made. */
  readonly notices: readonly string[];
  /** Each message has a date in front already. */
  readonly hasDates: boolean;
  /** Lines that could not be written, since the start. */
  readonly dropped: number;
  reopen(): void;
  rotate(): void;
  flushSync(): void;
  close(): Promise<void>;
}

/**
 * Opens the logs of an instance (UWSGI-FACTS 8.5): request lines go to `req-logger`, all others to `logger`, or to stderr. Without
 * `req-logger` request lines are messages like the others, and `log-route` and `log-encoder` are what counts for them. What was taken is written before the process exits, whatever ends it in order.
 * @param owner who log files are given to, where `logfile-chown` asks for it
 * @throws {LogTargetError} for a target that is not understood or cannot be opened
 */
export function openLogs(options: LogOptions, workingDirectory: string, owner?: FileOwner): Logs {
  const opener = new LogOpener(options, { workingDirectory, owner });
  try {
    return new OpenLogs(opener.open(), opener, options.logdate !== undefined);
  } catch (error) {
    void opener.close();
    if (error instanceof PatternError) throw new LogTargetError(error.message, { cause: error });
    throw error;
  }
}

class OpenLogs implements Logs {
  readonly messages: Log;
  readonly printed: Log;
  readonly requests: Log;
  readonly stderr: Log;
  readonly notices: readonly string[];
  readonly hasDates: boolean;
  readonly #opener: LogOpener;

  constructor({ messages, printed, requests }: ThreeLogs, opener: LogOpener, hasDates: boolean) {
    this.hasDates = hasDates;
    this.messages = messages;
    this.printed = printed;
    this.requests = requests;
    this.stderr = opener.stderr;
    this.notices = opener.notices;
    this.#opener = opener;
    process.on('exit', this.flushSync);
  }

  get dropped(): number {
    return [...this.#opener.logs].reduce((sum, { dropped }) => sum + dropped, 0);
  }

  reopen(): void {
    for (const log of this.#opener.logs) log.reopen();
  }

  rotate(): void {
    for (const log of this.#opener.logs) log.rotate();
  }

  readonly flushSync = (): void => {
    for (const log of this.#opener.logs) log.flushSync();
  };

  async close(): Promise<void> {
    await this.#opener.close();
    process.off('exit', this.flushSync);
  }
}

type ThreeLogs = Pick<Logs, 'messages' | 'printed' | 'requests'>;

/** What one of the logs is made of. */
interface LogPlan {
  readonly targets: readonly string[];
  readonly routes: readonly string[];
  readonly encoders: readonly string[];
  readonly prefix: ((text: string) => string) | undefined;
}

const STDERR_KEY = `fd:${STDERR}`;

class LogOpener {
  readonly notices: string[] = [];
  /** By target: one that is named twice is opened once. */
  readonly #logs = new Map<string, BatchedLog>();
  readonly #options: LogOptions;
  readonly #place: Omit<LogPlace, 'truncate'>;

  constructor(options: LogOptions, place: Omit<LogPlace, 'truncate'>) {
    this.#options = options;
    this.#place = place;
  }

  get logs(): Iterable<BatchedLog> {
    return this.#logs.values();
  }

  get stderr(): Log {
    let log = this.#logs.get(STDERR_KEY);
    if (log === undefined) {
      log = new BatchedLog(new InheritedSink(STDERR, 'stderr'), () => {});
      this.#logs.set(STDERR_KEY, log);
    }
    return log;
  }

  open(): ThreeLogs {
    const options = this.#options;
    const { logger = [], 'req-logger': requestLogger = [] } = options;
    const messages = { targets: logger, routes: options['log-route'] ?? [], encoders: options['log-encoder'] ?? [] };
    const requests = {
      targets: requestLogger,
      routes: options['log-req-route'] ?? [],
      encoders: options['log-req-encoder'] ?? [],
    };
    const prefix = linePrefix(options);
    const printed = this.#open({ ...messages, prefix: undefined });
    return {
      messages: prefix === undefined ? printed : this.#open({ ...messages, prefix }),
      printed,
      requests: this.#open({ ...(requestLogger.length > 0 ? requests : messages), prefix: undefined }),
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#logs.values()].map((log) => log.close()));
  }

  #open(plan: LogPlan): Log {
    const encoders = plan.encoders.map(readEncoder);
    const targets = [...plan.targets, ...this.#extraTargets()].map((value) =>
      parseLogTarget(value, this.#place.workingDirectory),
    );
    const routed = targets.map((target) => this.#route(target, plan, encoders));
    if (targets.every(({ name }) => name !== undefined)) {
      const truncate = this.#options['log-truncate'] === true;
      routed.push(this.#route(this.#defaultTarget(), plan, encoders, truncate));
    }
    const isShown = this.#lineFilter();
    const [only] = routed;
    const isPlain = only !== undefined && routed.length === 1 && only.encode === undefined && isShown === undefined;
    return isPlain ? only.log : new LineRouter(routed, isShown ?? (() => true));
  }

  #route(target: LogTarget, plan: LogPlan, encoders: readonly LineEncoder[], truncate = false): RoutedTarget {
    const { prefix, routes } = plan;
    const encode = encoderChain(encoders, target.name);
    return {
      log: this.#logOf(target, truncate),
      patterns: target.name === undefined ? undefined : patternsOf(target.name, routes),
      encode: encode === undefined || prefix === undefined ? (encode ?? prefix) : (text) => encode(prefix(text)),
    };
  }

  #extraTargets(): string[] {
    const { 'log-syslog': syslog, 'log-socket': socket } = this.#options;
    const targets: string[] = [];
    if (syslog !== undefined) targets.push(`syslog:${syslog}`);
    if (socket !== undefined) targets.push(`socket:${socket}`);
    return targets;
  }

  #defaultTarget(): LogTarget {
    const target = this.#options.logto2 ?? this.#options.logto ?? this.#options.daemonize ?? '';
    if (target === '') return { name: undefined, kind: 'fd', argument: `${STDERR}` };
    const kind = /^[^/]*:\d+$/.test(target) ? 'socket' : 'file';
    return parseLogTarget(`${kind}:${target}`, this.#place.workingDirectory);
  }

  #logOf(target: LogTarget, truncate: boolean): BatchedLog {
    const key = `${target.kind}:${target.argument}`;
    let log = this.#logs.get(key);
    if (log === undefined) {
      const sink = openSink(target, this.#options, { ...this.#place, truncate }, this.notices);
      log = new BatchedLog(sink, (sentence) => {
        this.#complain(key, sentence);
      });
      this.#logs.set(key, log);
    }
    return log;
  }

  #lineFilter(): ((text: string) => boolean) | undefined {
    const { 'log-filter': wanted = [], 'log-drain': unwanted = [] } = this.#options;
    if (wanted.length === 0 && unwanted.length === 0) return undefined;
    const only = wanted.map((pattern) => compilePattern(pattern));
    const never = unwanted.map((pattern) => compilePattern(pattern));
    return (text) =>
      (only.length === 0 || only.some((pattern) => pattern.test(text))) && !never.some((pattern) => pattern.test(text));
  }

  /** Said where a person may see it: on stderr, unless stderr is what does not work. */
  #complain(key: string, sentence: string): void {
    if (key !== STDERR_KEY) this.stderr.line(sentence);
  }
}

function readEncoder(value: string): LineEncoder {
  const encoder = parseLineEncoder(value);
  if (encoder === undefined) {
    throw new LogTargetError(`cannot use the log encoder "${value}": there are prefix, suffix, format, json and nl`);
  }
  return encoder;
}

/** The patterns of `log-route = NAME REGEXP` for one name. */
function patternsOf(name: string, routes: readonly string[]): RegExp[] {
  const mine = routes
    .filter((route) => route.startsWith(`${name} `))
    .map((route) => route.slice(name.length + 1).trim());
  return mine.map((pattern) => compilePattern(pattern));
}
