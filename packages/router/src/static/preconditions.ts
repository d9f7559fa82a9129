import type { Variables } from '@emperor/http';

import { parseHttpDate } from './http-date.ts';

/** What a client's conditions are compared with. */
export interface Validators {
  /** Strong entity tag with its quotes; undefined where none is sent. */
  readonly etag: string | undefined;
  /** Whole seconds of unix time. */
  readonly modifiedSeconds: number;
}

const TAG = /(?:W\/)?"[^"]*"/g;

function hasTag(header: string, etag: string | undefined, weakly: boolean): boolean {
  if (header.trim() === '*') return true;
  if (etag === undefined) return false;
  const tags = header.match(TAG) ?? [];
  return tags.some((tag) => (weakly && tag.startsWith('W/') ? tag.slice(2) : tag) === etag);
}

/**
 * Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since in the order of RFC 9110 section 13.2.2.
 * @returns the status to answer with instead of the file, or undefined
 */
export function checkPreconditions(variables: Variables, validators: Validators): 304 | 412 | undefined {
  const { etag, modifiedSeconds } = validators;
  const ifMatch = variables.get('HTTP_IF_MATCH');
  if (ifMatch !== undefined) {
    if (!hasTag(ifMatch, etag, false)) return 412;
  } else {
    const unmodifiedSince = readDate(variables, 'HTTP_IF_UNMODIFIED_SINCE');
    if (unmodifiedSince !== undefined && modifiedSeconds > unmodifiedSince) return 412;
  }
  const ifNoneMatch = variables.get('HTTP_IF_NONE_MATCH');
  if (ifNoneMatch !== undefined) return hasTag(ifNoneMatch, etag, true) ? 304 : undefined;
  const modifiedSince = readDate(variables, 'HTTP_IF_MODIFIED_SINCE');
  return modifiedSince !== undefined && modifiedSeconds <= modifiedSince ? 304 : undefined;
}

/** A range counts only while the file is the one the client has a part of (RFC 9110 section 13.1.5). */
export function ifRangeHolds(variables: Variables, validators: Validators): boolean {
  const ifRange = variables.get('HTTP_IF_RANGE');
  if (ifRange === undefined) return true;
  if (ifRange.startsWith('"')) return ifRange === validators.etag;
  return parseHttpDate(ifRange) === validators.modifiedSeconds;
}

function readDate(variables: Variables, name: string): number | undefined {
  const text = variables.get(name);
  return text === undefined ? undefined : parseHttpDate(text);
}
