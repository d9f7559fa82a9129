import type { Exchange } from '@emperor/http';

import { cachedBySecond, ctime } from './ctime.ts';
import { type MeasureMemory, mebibytes, rememberingMemory } from './memory-figures.ts';
import { printable } from './printable.ts';

/** Makes the log line of a finished exchange. `requests`: how many requests the instance has had, this one included. */
export type RequestLineFormatter = (exchange: Exchange, requests: number, finishedAtMs: number) => string;

/** Options of the request line, by their uWSGI names. */
export interface RequestLineOptions {
  /** Microseconds instead of milliseconds. */
  readonly 'log-micros'?: boolean;
  /** The X-Forwarded-For header, where there is one, in place of the peer's address. */
  readonly 'log-x-forwarded-for'?: boolean;
  /** The memory of the process that made the answer, in front of the line. */
  readonly 'memory-report'?: boolean;
  /** Where that comes from. Undefined: nowhere, the figures are 0. */
  readonly measureMemory?: MeasureMemory;
}

/** Makes the figures of `memory-report`, which are 0 where it is not set. */
export function memoryReport(options: RequestLineOptions): ReturnType<typeof rememberingMemory> | undefined {
  const { measureMemory } = options;
  return options['memory-report'] === true ? rememberingMemory(measureMemory ?? (() => undefined)) : undefined;
}

/** The unix time at which an exchange began, in milliseconds: from the wall clock of now, which may have been set since. */
export function startTimeMs(exchange: Exchange, finishedAtMs: number): number {
  return Date.now() - (finishedAtMs - exchange.startedAtMs);
}

/** uWSGI's request line, byte for byte (UWSGI-FACTS 8.1). */
export function createRequestLineFormatter(options: RequestLineOptions = {}): RequestLineFormatter {
  const micros = options['log-micros'] === true;
  const forwarded = options['log-x-forwarded-for'] === true;
  const date = cachedBySecond(ctime);
  const memoryOf = memoryReport(options);
  return (exchange, requests, finishedAtMs) => {
    const { variables, record } = exchange;
    let method = '';
    let uri = '';
    let protocol = '';
    let user = '';
    let address = '';
    const { list } = variables;
    for (let i = 0; i < list.length; i += 2) {
      const value = list[i + 1] ?? '';
      switch (list[i]) {
        case 'REQUEST_METHOD':
          method = value;
          break;
        case 'REQUEST_URI':
          uri = value;
          break;
        case 'SERVER_PROTOCOL':
          protocol = value;
          break;
        case 'REMOTE_ADDR':
          address = value;
          break;
        case 'REMOTE_USER':
          user = value;
          break;
      }
    }
    if (forwarded) address = variables.get('HTTP_X_FORWARDED_FOR') || address;
    const elapsedMs = finishedAtMs - exchange.startedAtMs;
    const elapsed = micros ? `${Math.trunc(elapsedMs * 1000)} micros` : `${Math.trunc(elapsedMs)} msecs`;
    const { count, bytes } = variables.measure();
    const began = date(Math.floor((Date.now() - elapsedMs) / 1000));
    const via = record.via === '' ? '' : ` via ${record.via}`;
    const report = memoryOf === undefined ? '' : describeMemory(memoryOf(record.pid, finishedAtMs));
    return (
      `${report}[pid: ${record.pid}|app: ${record.app}|req: ${record.appRequests}/${requests}] ` +
      `${printable(address)} (${printable(user)}) {${count} vars in ${bytes} bytes} [${began}] ` +
      `${printable(method)} ${printable(uri)} => generated ${exchange.bodyBytes} bytes in ${elapsed}${via} ` +
      `(${printable(protocol)} ${exchange.status}) ${exchange.headerCount} headers in ${exchange.headBytes} bytes ` +
      `(${record.switches} switches on core ${record.core})`
    );
  };
}

function describeMemory({ rss, vsz }: { readonly rss: number; readonly vsz: number }): string {
  const size = (bytes: number): string => `${bytes} bytes/${mebibytes(bytes)}MB`;
  return `{address space usage: ${size(vsz)}} {rss usage: ${size(rss)}} `;
}
