import { Buffer } from 'node:buffer';

import { HttpError } from './http-error.ts';
import { decodePercent, removeDotSegments } from './path.ts';
import { pushOrigin, type RequestOrigin } from './request-origin.ts';
import { Variables } from './variables.ts';

/** How the body of a request is delimited (RFC 9112 section 6.3). */
export type BodyFraming = { readonly kind: 'length'; readonly bytes: number } | { readonly kind: 'chunked' };

export interface ParsedHead {
  readonly variables: Variables;
  readonly method: string;
  /** Minor version: 0 or 1. Higher 1.x versions count as 1.1. */
  readonly minorVersion: 0 | 1;
  readonly framing: BodyFraming;
  /** The client allows the connection to stay open after the answer. */
  readonly persistent: boolean;
  /** The client waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean;
  /** Value of an `Upgrade` header that `Connection` names; undefined otherwise. */
  readonly upgrade: string | undefined;
}

export const NO_BODY: BodyFraming = { kind: 'length', bytes: 0 };
const CHUNKED: BodyFraming = { kind: 'chunked' };

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Visible ASCII without the fragment sign, and raw bytes above it, which old clients send for UTF-8 (nginx takes them too). */
const TARGET = /^[!"$-~\x80-\xff]+$/;
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(?::[0-9]*)?$/;
const ABSOLUTE_FORM = /^(?:https?):\/\/([^/?]*)([^]*)$/i;
const VERSION = /^HTTP\/([0-9])\.([0-9])$/;
/** Field values: no control characters but the tab (RFC 9110 section 5.5). */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const BAD_VALUE = /[\x00-\x08\x0a-\x1f\x7f]/;
const DIGITS = /^[0-9]{1,15}$/;

/** What to do with a header: its variable, and whether it steers the connection. */
interface FieldName {
  readonly variable: string;
  readonly role: 'plain' | 'length' | 'coding' | 'host' | 'connection' | 'expect' | 'upgrade' | 'dropped';
}

const ROLES: Readonly<Record<string, FieldName['role']>> = {
  'content-length': 'length',
  'transfer-encoding': 'coding',
  host: 'host',
  connection: 'connection',
  expect: 'expect',
  upgrade: 'upgrade',
};

const UNDERSCORED_FRAMING = /^(?:content_length|transfer_encoding)$/;

/** Bounds of the table of known names: clients choose names, so it must not grow without limit. */
const MAX_KNOWN_NAMES = 2048;
const MAX_KNOWN_NAME_LENGTH = 64;
/** More header lines than any client sends; joining repeated ones takes time with the square of their number. */
const MAX_FIELDS = 512;
const knownNames = new Map<string, FieldName>();

function classify(name: string): FieldName {
  if (!TOKEN.test(name))
    throw new HttpError(400, 'a header name has a character that is not allowed, or blanks before its colon');
  const lower = name.toLowerCase();
  const upper = Buffer.from(name.toUpperCase().replaceAll('-', '_'), 'latin1').toString('latin1');
  // Some servers take these for the ones with a hyphen, and read another body than we would.
  if (UNDERSCORED_FRAMING.test(lower))
    throw new HttpError(400, `the header ${name} could be taken for one that frames`);
  // X_Real_IP and X-Real-IP would become one variable, so that a client could forge what a proxy vouches for: nginx drops such names too.
  const role = name.includes('_') ? 'dropped' : (ROLES[lower] ?? 'plain');
  const bare = lower === 'content-length' || lower === 'content-type';
  const field: FieldName = { variable: bare ? upper : `HTTP_${upper}`, role };
  // A copy: a slice of a head would keep the whole head alive.
  if (knownNames.size < MAX_KNOWN_NAMES && name.length <= MAX_KNOWN_NAME_LENGTH)
    knownNames.set(Buffer.from(name, 'latin1').toString('latin1'), field);
  return field;
}

/** The part of `text` between two places, without blanks and tabs around it. */
export function trimBlanks(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && (text.charCodeAt(start) === 32 || text.charCodeAt(start) === 9)) start++;
  while (end > start && (text.charCodeAt(end - 1) === 32 || text.charCodeAt(end - 1) === 9)) end--;
  return text.slice(start, end);
}

interface RequestLine {
  method: string;
  target: string;
  protocol: string;
  minorVersion: 0 | 1;
}

/** @param end of the line in the text */
function parseRequestLine(text: string, end: number): RequestLine {
  const first = text.indexOf(' ');
  const second = text.indexOf(' ', first + 1);
  if (first <= 0 || second < 0 || second > end)
    throw new HttpError(400, 'the request line is not "METHOD TARGET HTTP/1.1"');
  // What nearly all requests have in common is not cut out of each.
  const method = text.startsWith('GET ') ? 'GET' : text.slice(0, first);
  const target = text.slice(first + 1, second);
  if (method !== 'GET' && !TOKEN.test(method)) throw new HttpError(400, 'the method is not a token');
  if (!TARGET.test(target))
    throw new HttpError(400, 'the request target is empty or has a character that is not allowed');
  if (end - second === ' HTTP/1.1'.length && text.startsWith('HTTP/1.1', second + 1))
    return { method, target, protocol: 'HTTP/1.1', minorVersion: 1 };
  const protocol = text.slice(second + 1, end);
  if (protocol === 'HTTP/1.0') return { method, target, protocol, minorVersion: 0 };
  const version = VERSION.exec(protocol);
  if (version === null) throw new HttpError(400, 'the request line does not end in an HTTP version');
  if (version[1] !== '1') throw new HttpError(505, `${protocol} is not supported`);
  return { method, target, protocol: 'HTTP/1.1', minorVersion: 1 };
}

/** Splits the target into what PATH_INFO and QUERY_STRING come from, and the host an absolute form names (RFC 9112 section 3.2). */
function parseTarget(method: string, target: string): { path: string; query: string; host: string | undefined } {
  if (method === 'CONNECT') throw new HttpError(501, 'CONNECT is not implemented');
  let origin = target;
  let host: string | undefined;
  if (target.charCodeAt(0) !== 0x2f) {
    if (target === '*' && method === 'OPTIONS') return { path: '*', query: '', host };
    const absolute = ABSOLUTE_FORM.exec(target);
    if (absolute === null) throw new HttpError(400, 'the request target does not start with a slash');
    host = absolute[1] ?? '';
    if (!HOST.test(host)) throw new HttpError(400, 'the host of the request target is not a host name or address');
    const rest = absolute[2] ?? '';
    origin = rest.startsWith('/') ? rest : `/${rest}`;
  }
  const mark = origin.indexOf('?');
  const rawPath = mark < 0 ? origin : origin.slice(0, mark);
  const path = decodePercent(removeDotSegments(rawPath));
  if (path.includes('\0')) throw new HttpError(400, 'the path has a NUL');
  return { path, query: mark < 0 ? '' : origin.slice(mark + 1), host };
}

/** Whether a comma-separated list has that lower-case token. */
export function hasToken(list: string, token: string): boolean {
  return listItems(list).includes(token);
}

/** The items of a comma-separated list, in lower case. Blanks are those of HTTP: JavaScript's `trim` would take a no-break space for one. */
function listItems(list: string): string[] {
  return list
    .toLowerCase()
    .split(',')
    .map((item) => trimBlanks(item, 0, item.length));
}

/** Decides how the body is delimited; whatever two servers could read differently is refused (RFC 9112 section 6.1, 6.3). */
function decideFraming(length: string | undefined, coding: string | undefined, minorVersion: 0 | 1): BodyFraming {
  if (coding === undefined) {
    if (length === undefined) return NO_BODY;
    if (!DIGITS.test(length)) throw new HttpError(400, 'Content-Length is not one decimal number');
    const bytes = Number(length);
    return bytes === 0 ? NO_BODY : { kind: 'length', bytes };
  }
  if (length !== undefined) throw new HttpError(400, 'a request has Content-Length or Transfer-Encoding, not both');
  if (minorVersion === 0) throw new HttpError(400, 'HTTP/1.0 has no Transfer-Encoding');
  const codings = listItems(coding);
  if (!codings.every((item) => TOKEN.test(item))) throw new HttpError(400, 'Transfer-Encoding is not a list of names');
  const chunkedAt = codings.indexOf('chunked');
  if (chunkedAt >= 0 && chunkedAt !== codings.length - 1)
    throw new HttpError(400, 'the transfer coding "chunked" must be the last, and appear once');
  if (codings.length > 1 || chunkedAt < 0)
    throw new HttpError(501, 'only the transfer coding "chunked" is implemented');
  return CHUNKED;
}

/**
 * Parses a request head strictly (RFC 9112; what is ambiguous is refused) into CGI variables in uWSGI's order (UWSGI-FACTS 4.3, 5.2).
 * @param text the head as latin-1 text: request line and header lines, each with its CRLF, without the blank line
 * @throws HttpError with 400, 501 or 505
 */
export function parseHead(text: string, origin: RequestOrigin): ParsedHead {
  let end = text.indexOf('\r\n');
  const { method, target, protocol, minorVersion } = parseRequestLine(text, end);
  const { path, query, host: targetHost } = parseTarget(method, target);

  const variables = new Variables();
  const { list } = variables;
  list.push(
    'REQUEST_METHOD',
    method,
    'REQUEST_URI',
    target,
    'PATH_INFO',
    path,
    'QUERY_STRING',
    query,
    'SERVER_PROTOCOL',
    protocol,
    'SCRIPT_NAME',
    '',
  );
  pushOrigin(list, origin);
  const firstHeader = list.length;

  let length: string | undefined;
  let coding: string | undefined;
  let host: string | undefined;
  let connection: string | undefined;
  let expect: string | undefined;
  let upgrade: string | undefined;

  let start = end + 2;
  for (let fields = 0; start < text.length; fields++) {
    if (fields === MAX_FIELDS) throw new HttpError(431, `the request has more than ${MAX_FIELDS} header lines`);
    end = text.indexOf('\r\n', start);
    const colon = text.indexOf(':', start);
    if (colon < 0 || colon > end) throw new HttpError(400, 'a header line has no colon');
    const name = text.slice(start, colon);
    const field = knownNames.get(name) ?? classify(name);
    let value = trimBlanks(text, colon + 1, end);
    if (BAD_VALUE.test(value)) throw new HttpError(400, `the header ${name} has a control character`);
    start = end + 2;

    if (field.role !== 'plain') {
      switch (field.role) {
        case 'dropped':
          continue;
        case 'length':
          if (length !== undefined) throw new HttpError(400, 'Content-Length appears more than once');
          length = value;
          break;
        case 'coding':
          coding = coding === undefined ? value : `${coding}, ${value}`;
          break;
        case 'host':
          if (host !== undefined) throw new HttpError(400, 'Host appears more than once');
          host = value;
          if (!HOST.test(value)) throw new HttpError(400, 'Host is not a host name or address with an optional port');
          // The target of an absolute form counts, not the header (RFC 9112 section 3.2.2).
          if (targetHost !== undefined) value = targetHost;
          break;
        case 'connection':
          connection = connection === undefined ? value : `${connection}, ${value}`;
          break;
        case 'expect':
          expect = expect === undefined ? value : `${expect}, ${value}`;
          break;
        case 'upgrade':
          upgrade = value;
          break;
      }
    }
    addField(list, firstHeader, field.variable, value);
  }

  if (host === undefined && targetHost !== undefined) addField(list, firstHeader, 'HTTP_HOST', targetHost);
  if (host === undefined && minorVersion === 1) throw new HttpError(400, 'an HTTP/1.1 request must have a Host header');
  const framing = decideFraming(length, coding, minorVersion);
  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    throw new HttpError(417, `the expectation "${expect}" cannot be met`);
  return {
    variables,
    method,
    minorVersion,
    framing,
    persistent: isPersistent(connection, minorVersion),
    expectsContinue: expect !== undefined && minorVersion === 1,
    upgrade: upgrade !== undefined && connection !== undefined && hasToken(connection, 'upgrade') ? upgrade : undefined,
  };
}

function isPersistent(connection: string | undefined, minorVersion: 0 | 1): boolean {
  if (connection === undefined) return minorVersion === 1;
  if (connection === 'keep-alive' || connection === 'Keep-Alive') return true;
  if (hasToken(connection, 'close')) return false;
  return minorVersion === 1 || hasToken(connection, 'keep-alive');
}

/** Repeated headers are joined with a comma, cookies too, as uWSGI does (UWSGI-FACTS 4.4). */
function addField(list: string[], firstHeader: number, variable: string, value: string): void {
  for (let i = firstHeader; i < list.length; i += 2) {
    if (list[i] === variable) {
      list[i + 1] = `${list[i + 1]}, ${value}`;
      return;
    }
  }
  list.push(variable, value);
}
