import type { ResponseHead } from './exchange.ts';
import { reasonPhrase } from './http-error.ts';

/**
 * What must never be in a reason, a header name or a value, or the answer could be split in two. Characters above latin-1 lose
 * their high byte on the wire and could become a line break there.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const BREAKING = /[\r\n\0\u0100-\uffff]/;
/** A name that is empty or has one of these would be read as something else by the client (RFC 9112 section 5.1). */
const BREAKING_NAME = /^$|[\s:]/;
const DIGITS = /^[0-9]{1,15}$/;

/** A header of an answer, by its lower-case name. */
export function findHeader(headers: readonly string[], lowerName: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) return headers[i + 1];
  }
  return undefined;
}

/** Removes every header of that lower-case name. */
export function removeHeader(headers: string[], lowerName: string): void {
  for (let i = headers.length - 2; i >= 0; i -= 2) if (headers[i]?.toLowerCase() === lowerName) headers.splice(i, 2);
}

/** Leaves of the headers of that lower-case name only the first, if they all have the same value, else none. @returns that value */
export function settleHeader(headers: string[], lowerName: string): string | undefined {
  let first: number | undefined;
  let agree = true;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.length !== lowerName.length || headers[i]?.toLowerCase() !== lowerName) continue;
    if (first === undefined) {
      first = i;
    } else {
      if (headers[i + 1] !== headers[first + 1]) agree = false;
      headers.splice(i, 2);
      i -= 2;
    }
  }
  if (first === undefined) return undefined;
  if (agree) return headers[first + 1];
  headers.splice(first, 2);
  return undefined;
}

/**
 * Leaves one Content-Length or none: none beside a Transfer-Encoding or an encoding of ours, none that is not a number, and of
 * several only when they agree (RFC 9112 section 6.3). @returns the length that rules the body
 */
export function settleLength(headers: string[], isEncoded: boolean): number | undefined {
  const declared = settleHeader(headers, 'content-length');
  if (declared === undefined) return undefined;
  const isCodedOtherwise = isEncoded || findHeader(headers, 'transfer-encoding') !== undefined;
  if (!isCodedOtherwise && DIGITS.test(declared)) return Number(declared);
  removeHeader(headers, 'content-length');
  return undefined;
}

/** The status line made last, and of what: most answers begin like the one before. */
const last = { protocol: '', status: 0, reason: '', line: '' };

export function statusLine(protocol: string, { status, reason }: ResponseHead): string {
  if (status === last.status && protocol === last.protocol && reason === last.reason) return last.line;
  last.protocol = protocol;
  last.status = status;
  last.reason = reason;
  last.line = `${protocol} ${status} ${reason}\r\n`;
  return last.line;
}

export function headerLines(headers: readonly string[]): string {
  let text = '';
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return text;
}

/** Bytes of a head as uWSGI counts them: the status line, the header lines and the blank line, before what the connection adds. */
export function measureHead(protocol: string, { reason, headers }: ResponseHead): number {
  let bytes = protocol.length + ' 200 '.length + reason.length + 4;
  for (let i = 0; i < headers.length; i += 2)
    bytes += (headers[i]?.length ?? 0) + 2 + (headers[i + 1]?.length ?? 0) + 2;
  return bytes;
}

/** A whole answer to a request that could not be accepted. */
export function refusalText(status: number): string {
  const reason = reasonPhrase(status);
  return (
    `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
    `Content-Length: ${reason.length}\r\n\r\n${reason}`
  );
}

/** The answer the server itself makes (UWSGI-FACTS 4.9). */
export function errorHead(status: number): ResponseHead {
  return { status, reason: reasonPhrase(status), headers: ['Connection', 'close', 'Content-Type', 'text/plain'] };
}

/**
 * What makes a head unfit to be sent as a final answer, in words for the log; undefined when it is fit.
 * 101 is unfit too: it would end HTTP on a connection that goes on with it.
 */
export function findFault({ status, reason, headers }: ResponseHead): string | undefined {
  if (!Number.isInteger(status) || status < 200 || status > 999) return `the answer has the status ${status}`;
  if (BREAKING.test(reason)) return `the reason ${JSON.stringify(reason)} has a character that is not allowed`;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const value = headers[i + 1] ?? '';
    if (BREAKING_NAME.test(name) || BREAKING.test(name))
      return `the header name ${JSON.stringify(name)} is not allowed`;
    if (BREAKING.test(value)) return `the header ${name} has a line break or another character that is not allowed`;
  }
  return undefined;
}
