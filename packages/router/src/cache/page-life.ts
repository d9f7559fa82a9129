import { findHeader } from '@emperor/http';

import { parseHttpDate } from '../static/http-date.ts';

/** For how long a page may be kept, in seconds. */
export interface PageLife {
  readonly freshSeconds: number;
  /** After that it may be served while a new one is made. */
  readonly staleSeconds: number;
}

/**
 * The life of an answer by its own headers (RFC 9111 sections 3 and 4.2, RFC 5861), for a cache that is shared by all clients.
 * @param hasCredentials the request was made in somebody's name
 * @param rule what holds where the answer says nothing
 * @returns undefined when it must not be kept; `freshSeconds` 0: for as long as the cache likes
 */
export function lifeOf(
  headers: readonly string[],
  hasCredentials: boolean,
  rule: PageLife,
  nowSeconds: number,
): PageLife | undefined {
  const control = parseCacheControl(findHeader(headers, 'cache-control') ?? '');
  if (control.has('no-store') || control.has('private') || control.has('no-cache')) return undefined;
  if (findHeader(headers, 'set-cookie') !== undefined) return undefined;
  if (hasCredentials && !control.has('public') && !control.has('s-maxage')) return undefined;
  const staleSeconds = secondsOf(control.get('stale-while-revalidate')) ?? rule.staleSeconds;
  const declared =
    secondsOf(control.get('s-maxage')) ?? secondsOf(control.get('max-age')) ?? untilExpires(headers, nowSeconds);
  if (declared === undefined) return { freshSeconds: rule.freshSeconds, staleSeconds };
  const left = declared - (secondsOf(findHeader(headers, 'age')) ?? 0);
  return left > 0 ? { freshSeconds: left, staleSeconds } : undefined;
}

function untilExpires(headers: readonly string[], nowSeconds: number): number | undefined {
  const expires = findHeader(headers, 'expires');
  if (expires === undefined) return undefined;
  const made = parseHttpDate(findHeader(headers, 'date') ?? '') ?? nowSeconds;
  // What is no date lies in the past (RFC 9111 section 5.3).
  return Math.max(0, (parseHttpDate(expires) ?? 0) - made);
}

function parseCacheControl(text: string): ReadonlyMap<string, string> {
  const directives = new Map<string, string>();
  for (const [, name = '', quoted, plain = ''] of text.matchAll(/([\w-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,]*)))?/g))
    directives.set(name.toLowerCase(), quoted ?? plain);
  return directives;
}

function secondsOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text.trim()) ? Number(text) : undefined;
}
