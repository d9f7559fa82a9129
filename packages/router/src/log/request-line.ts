import type { Exchange } from '@emperor/http';

import { cachedBySecond, ctime } from './ctime.ts';
import { printable } from './printable.ts';

/** Makes the log line of a finished exchange. `requests`: how many requests the instance has had, this one included. */
export type RequestLineFormatter = (exchange: Exchange, requests: number, finishedAtMs: number) => string;

/** Options of the request line, by their uWSGI names. */
export interface RequestLineOptions {
  /** Microseconds instead of milliseconds. */
  readonly 'log-micros'?: boolean;
  /** The X-Forwarded-For header, where there is one, in place of the peer's address. */
  readonly 'log-x-forwarded-for'?: boolean;
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
    return (
      `[pid: ${record.pid}|app: ${record.app}|req: ${record.appRequests}/${requests}] ` +
      `${printable(address)} (${printable(user)}) {${count} vars in ${bytes} bytes} [${began}] ` +
      `${printable(method)} ${printable(uri)} => generated ${exchange.bodyBytes} bytes in ${elapsed}${via} ` +
      `(${printable(protocol)} ${exchange.status}) ${exchange.headerCount} headers in ${exchange.headBytes} bytes ` +
      `(${record.switches} switches on core ${record.core})`
    );
  };
}
