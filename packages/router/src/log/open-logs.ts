import { existsSync } from 'node:fs';
import path from 'node:path';

import { BatchedLog } from './batched-log.ts';
import { FileSink, type FileSinkOptions } from './file-sink.ts';
import { InheritedSink } from './inherited-sink.ts';
import { encoderChain, parseLineEncoder, type LineEncoder } from './line-encoder.ts';
import { LineRouter, type RoutedTarget } from './line-router.ts';
import { linePrefix } from './line-prefix.ts';
import type { Log } from './log.ts';
import type { LogSink } from './log-sink.ts';
import { LogTargetError, parseLogTarget, type LogTarget } from './log-target.ts';

const STDOUT = 1;
const STDERR = 2;

/** Options of the logs, by their uWSGI names. Lists default to none. */
export interface LogOptions {
  readonly logger?: readonly string[];
  readonly 'req-logger'?: readonly string[];
  /** Everything to this file instead of stderr. */
  readonly logto?: string | undefined;
  readonly logto2?: string | undefined;
  readonly daemonize?: string | undefined;
  readonly 'log-route'?: readonly string[];
  readonly 'log-req-route'?: readonly string[];
  readonly 'log-encoder'?: readonly string[];
  readonly 'log-req-encoder'?: readonly string[];
  readonly 'log-filter'?: readonly string[];
  readonly 'log-drain'?: readonly string[];
  /** `true` for C's ctime, or a strftime format. */
  readonly 'log-date'?: string | undefined;
  readonly 'log-prefix'?: string | undefined;
  readonly 'log-truncate'?: boolean;
  readonly 'log-maxsize'?: number;
  readonly 'log-backupname'?: string | undefined;
  /** Octal, such as `644`. */
  readonly 'logfile-chmod'?: string | undefined;
}

/** The two logs of an instance; both may end in the same target. */
export interface Logs {
  /** Everything but request lines. */
  readonly messages: Log;
  readonly requests: Log;
  /** What happened while opening, for the log: a directory that was made. */
  readonly notices: readonly string[];
  reopen(): void;
  rotate(): void;
  flushSync(): void;
  close(): Promise<void>;
}

/**
 * Opens the logs of an instance (UWSGI-FACTS 8.5): request lines go to `req-logger`, all others to `logger`; one stands in for the
 * other, stderr for both. What was taken is written before the process exits, whatever ends it in order.
 * @throws {LogTargetError} for a target that is not understood or cannot be opened
 */
export function openLogs(options: LogOptions, workingDirectory: string): Logs {
  const opener = new LogOpener(options, workingDirectory);
  const { logger = [], 'req-logger': requestLogger = [] } = options;
  const messages = opener.open(logger, options['log-route'], options['log-encoder'], linePrefix(options));
  const requests = opener.open(
    requestLogger.length > 0 ? requestLogger : logger,
    options['log-req-route'],
    options['log-req-encoder'],
    undefined,
  );
  const all = [...opener.logs.values()];
  const flushSync = (): void => {
    for (const log of all) log.flushSync();
  };
  process.on('exit', flushSync);
  return {
    messages,
    requests,
    notices: opener.notices,
    reopen: () => {
      for (const log of all) log.reopen();
    },
    rotate: () => {
      for (const log of all) log.rotate();
    },
    flushSync,
    close: async () => {
      await Promise.all(all.map((log) => log.close()));
      process.off('exit', flushSync);
    },
  };
}

class LogOpener {
  /** By target: one that is named twice is opened once. */
  readonly logs: Map<string, BatchedLog> = new Map();
  readonly notices: string[] = [];
  readonly #options: LogOptions;
  readonly #workingDirectory: string;

  constructor(options: LogOptions, workingDirectory: string) {
    this.#options = options;
    this.#workingDirectory = workingDirectory;
  }

  open(
    values: readonly string[],
    routes: readonly string[] = [],
    encoders: readonly string[] = [],
    prefix: ((text: string) => string) | undefined,
  ): Log {
    const chain = encoders.map(readEncoder);
    const targets = values.map((value) => parseLogTarget(value, this.#workingDirectory));
    if (targets.every(({ name }) => name !== undefined)) targets.push(this.#defaultTarget());
    const routed = targets.map((target) => this.#route(target, routes, chain, prefix));
    const isShown = this.#lineFilter();
    const [only] = routed;
    const plain = only !== undefined && routed.length === 1 && only.encode === undefined && isShown === undefined;
    return plain ? only.log : new LineRouter(routed, isShown ?? (() => true));
  }

  #route(
    target: LogTarget,
    routes: readonly string[],
    encoders: readonly LineEncoder[],
    prefix: ((text: string) => string) | undefined,
  ): RoutedTarget {
    const encode = encoderChain(encoders, target.name);
    return {
      log: this.#logOf(target),
      patterns: target.name === undefined ? undefined : patternsOf(target.name, routes),
      encode: encode === undefined || prefix === undefined ? (encode ?? prefix) : (text) => encode(prefix(text)),
    };
  }

  #defaultTarget(): LogTarget {
    const file = this.#options.logto2 ?? this.#options.logto ?? this.#options.daemonize;
    if (file !== undefined && file !== '') return parseLogTarget(`file:${file}`, this.#workingDirectory);
    return { name: undefined, kind: 'fd', argument: `${STDERR}` };
  }

  #logOf(target: LogTarget): BatchedLog {
    const key = `${target.kind}:${target.argument}`;
    let log = this.logs.get(key);
    if (log === undefined) {
      const sink = this.#openSink(target);
      log = new BatchedLog(sink, (sentence) => {
        this.#complain(key, sentence);
      });
      this.logs.set(key, log);
    }
    return log;
  }

  #openSink({ kind, argument }: LogTarget): LogSink {
    switch (kind) {
      case 'file':
        return this.#openFile(argument);
      case 'stdio':
        return new InheritedSink(STDOUT, 'stdout');
      case 'fd':
        return new InheritedSink(Number(argument), Number(argument) === STDERR ? 'stderr' : `fd ${argument}`);
      default:
        throw new LogTargetError(`cannot log to "${kind}:${argument}": loggers of this kind are not built yet`);
    }
  }

  #openFile(file: string): LogSink {
    const directory = path.dirname(file);
    const isMissing = !existsSync(directory);
    try {
      const sink = new FileSink(file, this.#fileOptions());
      if (isMissing) this.notices.push(`created the directory ${directory} for the log ${path.basename(file)}`);
      return sink;
    } catch (error) {
      throw new LogTargetError(`cannot open the log file ${file}: ${(error as Error).message}`, { cause: error });
    }
  }

  #fileOptions(): FileSinkOptions {
    const mode = this.#options['logfile-chmod'];
    return {
      ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }),
      truncate: this.#options['log-truncate'] === true,
      maxSizeBytes: this.#options['log-maxsize'] ?? 0,
      backupName: this.#options['log-backupname'],
    };
  }

  #lineFilter(): ((text: string) => boolean) | undefined {
    const { 'log-filter': wanted = [], 'log-drain': unwanted = [] } = this.#options;
    if (wanted.length === 0 && unwanted.length === 0) return undefined;
    const only = wanted.map((pattern) => new RegExp(pattern));
    const never = unwanted.map((pattern) => new RegExp(pattern));
    return (text) =>
      (only.length === 0 || only.some((pattern) => pattern.test(text))) && !never.some((pattern) => pattern.test(text));
  }

  /** Said where a person may see it: on stderr, unless stderr is what does not work. */
  #complain(key: string, sentence: string): void {
    const stderr = `fd:${STDERR}`;
    if (key === stderr) return;
    let log = this.logs.get(stderr);
    if (log === undefined) {
      log = new BatchedLog(new InheritedSink(STDERR, 'stderr'), () => {});
      this.logs.set(stderr, log);
    }
    log.line(sentence);
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
  return mine.map((pattern) => new RegExp(pattern));
}
