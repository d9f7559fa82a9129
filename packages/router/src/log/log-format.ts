import type { Exchange } from '@emperor/http';

import { cachedBySecond, commonLogTime, ctime } from './ctime.ts';
import { mebibytes } from './memory-figures.ts';
import { printable } from './printable.ts';
import { memoryReport, type RequestLineFormatter, type RequestLineOptions } from './request-line.ts';
import { strftime } from './strftime.ts';

/** Everything a variable of the format may be made from. */
interface FormatContext {
  readonly exchange: Exchange;
  readonly requests: number;
  readonly elapsedMs: number;
  /** Unix time of the start of the request, in milliseconds. */
  readonly startMs: number;
}

type FormatPart = (context: FormatContext) => string;

/** Options of a custom request line, by their uWSGI names. */
export interface LogFormatOptions extends RequestLineOptions {
  /** `%(ftime)` is written as `log-date` says. */
  readonly 'log-format-strftime'?: boolean;
  /** A strftime format used for `%(ftime)` where `log-format-strftime` is set. */
  readonly logdate?: string | undefined;
  /** The value of `%(metric.NAME)`. */
  readonly metric?: (name: string) => number;
}

const VARIABLE = /%\(([^)]*)\)/g;

function orDash(text: string | undefined): string {
  return text === undefined || text === '' ? '-' : printable(text);
}

function fromVariable(name: string): FormatPart {
  return ({ exchange }) => orDash(exchange.variables.get(name));
}

const SIMPLE_PARTS: Readonly<Record<string, FormatPart>> = {
  uri: fromVariable('REQUEST_URI'),
  method: fromVariable('REQUEST_METHOD'),
  user: fromVariable('REMOTE_USER'),
  addr: fromVariable('REMOTE_ADDR'),
  host: ({ exchange }) => orDash(exchange.variables.get('HTTP_HOST') || exchange.variables.get('SERVER_NAME')),
  proto: fromVariable('SERVER_PROTOCOL'),
  uagent: fromVariable('HTTP_USER_AGENT'),
  referer: fromVariable('HTTP_REFERER'),
  status: ({ exchange }) => `${exchange.status}`,
  rsize: ({ exchange }) => `${exchange.bodyBytes}`,
  hsize: ({ exchange }) => `${exchange.headBytes}`,
  size: ({ exchange }) => `${exchange.bodyBytes + exchange.headBytes}`,
  cl: ({ exchange }) => exchange.variables.get('CONTENT_LENGTH') || '0',
  micros: ({ elapsedMs }) => `${Math.trunc(elapsedMs * 1000)}`,
  msecs: ({ elapsedMs }) => `${Math.trunc(elapsedMs)}`,
  secs: ({ elapsedMs }) => (elapsedMs / 1000).toFixed(6),
  tmsecs: ({ startMs }) => `${Math.floor(startMs)}`,
  tmicros: ({ startMs }) => `${Math.floor(startMs * 1000)}`,
  time: ({ startMs }) => `${Math.floor(startMs / 1000)}`,
  epoch: () => `${Math.floor(Date.now() / 1000)}`,
  pid: ({ exchange }) => `${exchange.record.pid}`,
  wid: ({ exchange }) => `${exchange.record.workerId}`,
  switches: ({ exchange }) => `${exchange.record.switches}`,
  vars: ({ exchange }) => `${exchange.variables.count}`,
  core: ({ exchange }) => `${exchange.record.core}`,
  pktsize: ({ exchange }) => `${exchange.variables.measure().bytes}`,
  // the uwsgi protocol's modifiers have no meaning for the app any more
  modifier1: () => '0',
  modifier2: () => '0',
  headers: ({ exchange }) => `${exchange.headerCount}`,
  werr: ({ exchange }) => (exchange.aborted ? '1' : '0'),
  rerr: () => '0',
  ioerr: ({ exchange }) => (exchange.aborted ? '1' : '0'),
};

function compilePart(name: string, options: LogFormatOptions): FormatPart {
  if (name === 'addr' && options['log-x-forwarded-for'] === true) {
    return ({ exchange }) =>
      orDash(exchange.variables.get('HTTP_X_FORWARDED_FOR') || exchange.variables.get('REMOTE_ADDR'));
  }
  const dateFormat = datePart(name, options['log-format-strftime'] === true ? options.logdate : undefined);
  if (dateFormat !== undefined) {
    const date = cachedBySecond(dateFormat);
    return ({ startMs }) => date(Math.floor(startMs / 1000));
  }
  const memory = MEMORY_PARTS[name];
  if (memory !== undefined) return memoryPart(memory, options);
  if (name.startsWith('var.')) return fromVariable(name.slice('var.'.length));
  if (name.startsWith('metric.')) {
    const metric = name.slice('metric.'.length);
    return () => `${options.metric?.(metric) ?? 0}`;
  }
  return SIMPLE_PARTS[name] ?? (({ exchange }) => orDash(exchange.record.logVariables?.get(name)));
}

/** What of the memory of the process that made the answer a name stands for; 0 without `memory-report`, as in uWSGI. */
const MEMORY_PARTS: Readonly<Record<string, readonly ['rss' | 'vsz', (bytes: number) => number]>> = {
  rss: ['rss', Math.trunc],
  vsz: ['vsz', Math.trunc],
  rssM: ['rss', mebibytes],
  vszM: ['vsz', mebibytes],
};

function memoryPart(
  [key, unit]: readonly ['rss' | 'vsz', (bytes: number) => number],
  options: LogFormatOptions,
): FormatPart {
  const memoryOf = memoryReport(options);
  if (memoryOf === undefined) return () => '0';
  return ({ exchange }) => `${unit(memoryOf(exchange.record.pid, performance.now())[key])}`;
}

function datePart(name: string, logDate: string | undefined): ((unixSeconds: number) => string) | undefined {
  switch (name) {
    case 'ltime':
      return commonLogTime;
    case 'ftime':
      if (logDate === undefined || !logDate.includes('%')) return commonLogTime;
      return (unixSeconds) => strftime(logDate, new Date(unixSeconds * 1000));
    case 'ctime':
      return ctime;
    default:
      return undefined;
  }
}

/** True for a format that makes JSON lines: there, values must be escaped or a quote in a header would break the line. */
function isJson(format: string): boolean {
  if (!format.startsWith('{')) return false;
  try {
    JSON.parse(format.replace(VARIABLE, '0'));
    return true;
  } catch {
    return false;
  }
}

function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/**
 * Compiles `log-format` (UWSGI-FACTS 8.4): text with `%(name)` in it. A name that is not known is a log variable.
 * Where the format is a JSON object the values are escaped for it (uWSGI writes quotes as they are).
 */
export function compileLogFormat(format: string, options: LogFormatOptions = {}): RequestLineFormatter {
  const parts: (string | FormatPart)[] = [];
  const json = isJson(format);
  let end = 0;
  for (const match of format.matchAll(VARIABLE)) {
    parts.push(format.slice(end, match.index));
    const part = compilePart(match[1] ?? '', options);
    parts.push(json ? (context) => escapeJson(part(context)) : part);
    end = match.index + match[0].length;
  }
  parts.push(format.slice(end));
  return (exchange, requests, finishedAtMs) => {
    const elapsedMs = finishedAtMs - exchange.startedAtMs;
    const context: FormatContext = { exchange, requests, elapsedMs, startMs: Date.now() - elapsedMs };
    let line = '';
    for (const part of parts) line += typeof part === 'string' ? part : part(context);
    return line;
  };
}
