import { findHeader, removeHeader, type ResponseHead } from '@emperor/http';

import { varyOnAcceptEncoding } from './vary.ts';

/** Statuses whose body is no whole representation, or that have none. */
const UNENCODABLE = new Set([204, 206, 304]);

/** True for an answer whose body must go out as it is: encoded already, a part of something, or forbidden to be touched (RFC 9111 section 5.2.2.6). */
export function isUntouchable({ status, headers }: ResponseHead): boolean {
  return (
    UNENCODABLE.has(status) ||
    findHeader(headers, 'content-encoding') !== undefined ||
    findHeader(headers, 'transfer-encoding') !== undefined ||
    findHeader(headers, 'content-range') !== undefined ||
    hasNoTransform(headers)
  );
}

function hasNoTransform(headers: readonly string[]): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() !== 'cache-control') continue;
    const directives = (headers[i + 1] ?? '').toLowerCase().split(',');
    if (directives.some((directive) => directive.trim() === 'no-transform')) return true;
  }
  return false;
}

/**
 * Changes a head to that of the encoded body: its length is another one, its bytes are not those of a strong ETag
 * (RFC 9110 section 8.8.1), and parts of it cannot be asked for.
 */
export function markEncoded(headers: string[], encoding: string): void {
  removeHeader(headers, 'content-length');
  removeHeader(headers, 'accept-ranges');
  for (let i = 0; i < headers.length; i += 2) {
    const value = headers[i + 1] ?? '';
    if (headers[i]?.toLowerCase() === 'etag' && value.startsWith('"')) headers[i + 1] = `W/${value}`;
  }
  headers.push('Content-Encoding', encoding);
  varyOnAcceptEncoding(headers);
}
