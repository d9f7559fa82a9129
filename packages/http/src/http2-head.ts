import { type ParsedHead, parseHead } from './head-parser.ts';
import { HttpError } from './http-error.ts';
import type { RequestOrigin } from './request-origin.ts';

/** What nginx calls it too; the variable has no older example. */
const PROTOCOL = 'HTTP/2.0';
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const BREAKING = /[\r\n\0]/;

/**
 * Parses the fields of an HTTP/2 request by way of the HTTP/1.1 head that says the same (RFC 9113 section 8.3): what is refused there is
 * refused here, and apps see the same variables.
 * @param fields name, value, name, value, … as they came
 * @throws HttpError
 */
export function parseHttp2Head(fields: readonly string[], maxBytes: number, origin: RequestOrigin): ParsedHead {
  const parsed = parseHead(toHttp1(fields), origin);
  const { variables } = parsed;
  variables.set('SERVER_PROTOCOL', PROTOCOL);
  if (variables.measure().bytes > maxBytes)
    throw new HttpError(431, `the request's variables are longer than ${maxBytes} bytes (option buffer-size)`);
  return parsed;
}

function toHttp1(fields: readonly string[]): string {
  const pseudo = new Map<string, string>();
  let lines = '';
  let cookie: string | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? '';
    const value = fields[i + 1] ?? '';
    if (BREAKING.test(name) || BREAKING.test(value)) throw new HttpError(400, 'a header has a line break or a NUL');
    if (name.startsWith(':')) pseudo.set(name, value);
    // Sent in crumbs, to be put together again (RFC 9113 section 8.2.3).
    else if (name === 'cookie') cookie = cookie === undefined ? value : `${cookie}; ${value}`;
    // The authority comes first and is the one that counts.
    else if (name !== 'host' || !pseudo.has(':authority')) lines += `${name}: ${value}\r\n`;
  }
  if (cookie !== undefined) lines += `cookie: ${cookie}\r\n`;
  const authority = pseudo.get(':authority');
  const host = authority === undefined ? '' : `host: ${authority}\r\n`;
  return `${pseudo.get(':method') ?? ''} ${pseudo.get(':path') ?? ''} HTTP/1.1\r\n${host}${lines}`;
}
