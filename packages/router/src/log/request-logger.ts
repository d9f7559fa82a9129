import type { Exchange } from '@emperor/http';

import { compileLogFormat, type LogFormatOptions } from './log-format.ts';
import type { Log } from './log.ts';
import { createRequestLineFormatter, type RequestLineFormatter } from './request-line.ts';

/** Options that say which requests are logged and how, by their uWSGI names. */
export interface RequestLogOptions extends LogFormatOptions {
  readonly 'log-format'?: string | undefined;
  readonly 'disable-logging'?: boolean;
  /** These log although logging is disabled: answers 4xx, 5xx, without a body, */
  readonly 'log-4xx'?: boolean;
  readonly 'log-5xx'?: boolean;
  readonly 'log-zero'?: boolean;
  /** slower than so many milliseconds, with a body of at least so many bytes (0: none), */
  readonly 'log-slow'?: number;
  readonly 'log-big'?: number;
  /** sent by sendfile, or whose client went away. */
  readonly 'log-sendfile'?: boolean;
  readonly 'log-ioerror'?: boolean;
}

/** Writes the log line of each finished exchange, unless options or a route (`donotlog`) say that there is none. */
export class RequestLogger {
  readonly #log: Log;
  readonly #format: RequestLineFormatter;
  readonly #isWorthALine: ((exchange: Exchange, elapsedMs: number) => boolean) | undefined;

  constructor(log: Log, options: RequestLogOptions = {}) {
    this.#log = log;
    const format = options['log-format'];
    this.#format = format === undefined ? createRequestLineFormatter(options) : compileLogFormat(format, options);
    this.#isWorthALine = options['disable-logging'] === true ? exceptions(options) : undefined;
  }

  /** @param requests how many requests the instance has had, this one included */
  finished(exchange: Exchange, requests: number, finishedAtMs: number = performance.now()): void {
    const { record } = exchange;
    if (record.silent) return;
    const isWorthALine =
      record.insistent === true || this.#isWorthALine?.(exchange, finishedAtMs - exchange.startedAtMs);
    if (isWorthALine === false) return;
    this.#log.byteLine(this.#format(exchange, requests, finishedAtMs));
  }
}

/** What is logged although logging is disabled. */
function exceptions(options: RequestLogOptions): (exchange: Exchange, elapsedMs: number) => boolean {
  const slowMs = options['log-slow'] ?? 0;
  const bigBytes = options['log-big'] ?? 0;
  return (exchange, elapsedMs) => {
    const { status, bodyBytes } = exchange;
    return (
      (options['log-4xx'] === true && status >= 400 && status < 500) ||
      (options['log-5xx'] === true && status >= 500) ||
      (options['log-zero'] === true && bodyBytes === 0) ||
      (slowMs > 0 && elapsedMs >= slowMs) ||
      (bigBytes > 0 && bodyBytes >= bigBytes) ||
      (options['log-sendfile'] === true && exchange.record.via === 'sendfile()') ||
      (options['log-ioerror'] === true && exchange.aborted)
    );
  };
}
