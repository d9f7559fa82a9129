import { Buffer } from 'node:buffer';

import { type Cache, type CachedItem, type Eventually, monotonicSeconds, unixSeconds } from '@emperor/cache';
import type { Exchange, ResponseHead } from '@emperor/http';

import { formatHttpDate, parseHttpDate } from '../static/http-date.ts';
import { checkPreconditions } from '../static/preconditions.ts';
import { decodeHead, type StoredHead, suits, variantKey } from './stored-head.ts';

const NO_BODY = Buffer.alloc(0);

/** How a page is to be answered that was kept without its head. */
export interface PageForm {
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly declaresLength: boolean;
}

/** A page that was found. */
export interface FoundPage {
  readonly item: CachedItem;
  /** Undefined where only the body was kept. */
  readonly head: StoredHead | undefined;
  /** It may be served, and should be made anew. */
  readonly isStale: boolean;
}

/** Looks for the page a request asks for. */
export function findPage(cache: Cache, key: string, exchange: Exchange): Eventually<FoundPage | undefined> {
  const found = cache.get(key);
  return found instanceof Promise
    ? found.then((item) => variantOf(item, cache, key, exchange))
    : variantOf(found, cache, key, exchange);
}

/** A page that varies is kept twice: as the last one that was made, and as the one for such requests. */
function variantOf(
  item: CachedItem | undefined,
  cache: Cache,
  key: string,
  { variables }: Exchange,
): Eventually<FoundPage | undefined> {
  if (item === undefined) return undefined;
  const head = decodeHead(item.head);
  const variable = (name: string): string | undefined => variables.get(name);
  if (head === undefined || suits(head, variable)) return describe(item, head);
  const variant = cache.get(variantKey(key, head, variable));
  return variant instanceof Promise ? variant.then(describeVariant) : describeVariant(variant);
}

function describeVariant(item: CachedItem | undefined): FoundPage | undefined {
  return item === undefined ? undefined : describe(item, decodeHead(item.head));
}

function describe(item: CachedItem, head: StoredHead | undefined): FoundPage {
  return { item, head, isStale: item.freshUntil > 0 && item.freshUntil <= monotonicSeconds() };
}

/** The answer to a request for it. */
export function answerOf(
  { item, head }: FoundPage,
  form: PageForm,
  { variables }: Exchange,
): { readonly head: ResponseHead; readonly body: Buffer } {
  const body = item.value;
  if (head === undefined) return { head: { status: 200, reason: 'OK', headers: plainHeaders(item, form) }, body };
  const age = Math.max(0, Math.floor(Date.now() / 1000) - head.madeAt);
  const headers = [...head.headers, 'Age', String(age)];
  const status = checkPreconditions(variables, validatorsOf(head));
  if (status === 304) return { head: { status, reason: 'Not Modified', headers }, body: NO_BODY };
  if (status === 412) return { head: { status, reason: 'Precondition Failed', headers: [] }, body: NO_BODY };
  headers.push('Content-Length', String(body.length));
  return { head: { status: head.status, reason: head.reason, headers }, body };
}

/** The headers of a page that was kept without its own, in uWSGI's order. */
function plainHeaders(item: CachedItem, { contentType, contentEncoding, declaresLength }: PageForm): string[] {
  const headers = ['Content-Type', contentType];
  if (contentEncoding !== '') headers.push('Content-Encoding', contentEncoding);
  if (item.expiresAt > 0) {
    const end = item.freshUntil > 0 ? item.freshUntil : item.expiresAt;
    headers.push('Expires', formatHttpDate(Math.floor(unixSeconds(end))));
  }
  if (declaresLength) headers.push('Content-Length', String(item.value.length));
  return headers;
}

/** A page that does not say when it was changed has never been changed since: nobody's date is late enough. */
function validatorsOf({ headers }: StoredHead): { etag: string | undefined; modifiedSeconds: number } {
  let etag: string | undefined;
  let modifiedSeconds = Number.POSITIVE_INFINITY;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]?.toLowerCase();
    if (name === 'etag') etag = headers[i + 1]?.replace(/^W\//, '');
    if (name === 'last-modified') modifiedSeconds = parseHttpDate(headers[i + 1] ?? '') ?? modifiedSeconds;
  }
  return { etag, modifiedSeconds };
}
