import { Buffer } from 'node:buffer';

import { formatHttpDate } from '../static/http-date.ts';
import type { MimeTypes } from '../static/mime-types.ts';
import { fromByteText } from './byte-text.ts';
import type { RouteContext } from './route-context.ts';
import type { RouteSettings } from './route-settings.ts';

/** Computes `${name[key]}`. Texts are bytes, one character each. */
export type VariableFunction = (key: string, context: RouteContext) => string;

/** The first value of a name in `a=1&b=2` or `a=1; b=2`, as it was sent. */
function lookUp(text: string | undefined, name: string, separator: string): string {
  if (text === undefined || name === '') return '';
  for (const part of text.split(separator)) {
    const pair = separator === ';' ? part.trim() : part;
    const equals = pair.indexOf('=');
    if (equals !== -1 && pair.slice(0, equals) === name) return pair.slice(equals + 1);
  }
  return '';
}

function bytesOf(name: string, { exchange }: RouteContext): Buffer {
  return Buffer.from(exchange.variables.get(name) ?? '', 'latin1');
}

function microsecondsNow(): string {
  return String(Math.floor((performance.timeOrigin + performance.now()) * 1000));
}

function time(key: string): string {
  switch (key) {
    case 'unix':
      return String(Math.floor(Date.now() / 1000));
    case 'micros':
      return microsecondsNow();
    default:
      return '';
  }
}

/** The worker that has the request; where rules are asked before one is chosen, the one that would get it now. */
function workerOf(
  { record }: RouteContext['exchange'],
  next: RouteSettings['nextWorker'],
): { id: number; pid: number } {
  return (record.workerId === 0 ? next() : undefined) ?? { id: record.workerId, pid: record.pid };
}

/** What the server knows of a request. */
function serverValue(key: string, { exchange, status }: RouteContext, nextWorker: RouteSettings['nextWorker']): string {
  switch (key) {
    case 'wid':
      return String(workerOf(exchange, nextWorker).id);
    case 'pid':
      return String(workerOf(exchange, nextWorker).pid);
    case 'uuid':
      return crypto.randomUUID();
    case 'status':
      return String(status);
    case 'rtime':
      return String(Math.floor((performance.now() - exchange.startedAtMs) * 1000));
    case 'rsize':
      return String(exchange.bodyBytes);
    case 'sor':
      return String(Math.floor((performance.timeOrigin + exchange.startedAtMs) * 1000));
    case 'lq':
      return '0';
    default:
      return '';
  }
}

/** Seconds from now, as a date for a header. */
function httpTime(key: string): string {
  const seconds = Number.parseInt(key, 10);
  return formatHttpDate(Math.floor(Date.now() / 1000) + (Number.isNaN(seconds) ? 0 : seconds));
}

/** The functions, for an instance whose files have such types. */
export function variableFunctions(
  types: () => MimeTypes,
  nextWorker: RouteSettings['nextWorker'],
): ReadonlyMap<string, VariableFunction> {
  return new Map<string, VariableFunction>([
    ['cookie', (key, { exchange }) => lookUp(exchange.variables.get('HTTP_COOKIE'), key, ';')],
    ['qs', (key, { exchange }) => lookUp(exchange.variables.get('QUERY_STRING'), key, '&')],
    ['hex', (key, context) => bytesOf(key, context).toString('hex').toUpperCase()],
    ['base64', (key, context) => bytesOf(key, context).toString('base64')],
    ['mime', (key, { exchange }) => types().of(fromByteText(exchange.variables.get(key) ?? '')) ?? ''],
    ['time', time],
    ['httptime', httpTime],
    ['uwsgi', (key, context) => serverValue(key, context, nextWorker)],
  ]);
}
