import type { Buffer } from 'node:buffer';

import { type ParsedHead, parseHead } from './head-parser.ts';
import { HttpError } from './http-error.ts';
import type { RequestOrigin } from './request-origin.ts';

const HEAD_END = '\r\n\r\n';
const CR = 13;
const LF = 10;
/** The first three variables say what the request line says, twice over. */
const TARGET_VARIABLES = ['REQUEST_URI', 'PATH_INFO', 'QUERY_STRING'];

export interface ReadHead {
  readonly parsed: ParsedHead;
  /** Bytes of input the head took, from its start to the blank line. */
  readonly bytes: number;
}

/** Empty lines before a request are ignored (RFC 9112 section 2.2). @returns where the request begins */
export function skipEmptyLines(input: Buffer): number {
  let start = 0;
  while (input[start] === CR && input[start + 1] === LF) start += 2;
  return start;
}

/**
 * Reads the request head at the start of `input`.
 * @returns undefined while it is not complete; what can be seen to be wrong in its beginning is refused at once
 * @throws HttpError with 400, 414, 417, 431, 501 or 505
 */
export function readHead(input: Buffer, maxBytes: number, origin: RequestOrigin): ReadHead | undefined {
  const end = input.indexOf(HEAD_END, 0, 'latin1');
  const length = end < 0 ? input.length : end + 2;
  if (length > maxBytes) refuseLength(input, maxBytes);
  if (end < 0) {
    checkBeginning(input);
    return undefined;
  }
  const parsed = parseHead(input.toString('latin1', 0, length), origin);
  const { variables } = parsed;
  if (variables.measure().bytes > maxBytes) {
    let target = 0;
    for (const name of TARGET_VARIABLES) target += variables.get(name)?.length ?? 0;
    throw new HttpError(
      target > maxBytes ? 414 : 431,
      `the request's variables are longer than ${maxBytes} bytes (option buffer-size)`,
    );
  }
  return { parsed, bytes: end + HEAD_END.length };
}

function refuseLength(input: Buffer, maxBytes: number): never {
  const line = input.indexOf(LF);
  const inLine = line < 0 || line > maxBytes;
  throw new HttpError(
    inLine ? 414 : 431,
    `the ${inLine ? 'request line' : 'request head'} is longer than ${maxBytes} bytes (option buffer-size)`,
  );
}

/** Refuses at once what would otherwise wait for an end that never comes: binary talk such as a TLS handshake, and bare line feeds. */
function checkBeginning(input: Buffer): void {
  const first = input[0] ?? CR;
  if (first !== CR && (first < 0x21 || first > 0x7e)) throw new HttpError(400, 'this is not HTTP');
  for (let feed = input.indexOf(LF); feed >= 0; feed = input.indexOf(LF, feed + 1))
    if (input[feed - 1] !== CR) throw new HttpError(400, 'a line of the head does not end in CRLF');
}
