import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';

import type { Exchange } from './exchange.ts';
import { HttpServer } from './http-server.ts';
import { MemoryStream } from './memory-stream.test-support.ts';
import { LIMITS } from './rig.test-support.ts';
import { TimerWheel } from './timer-wheel.ts';

/** A request as somebody has understood it. */
export interface Understood {
  readonly method: string;
  readonly target: string;
  /** By the name of their variable; joined with commas where repeated. */
  readonly headers: Readonly<Record<string, string>>;
  /** latin-1 text */
  readonly body: string;
}

/** What became of the bytes of a connection. */
export interface Reading {
  /** Requests that were complete, in order. */
  readonly requests: readonly Understood[];
  /** Code of the error that ended the reading; undefined when all bytes made sense. */
  readonly refusal: string | undefined;
}

function headersOf(exchange: Exchange): Record<string, string> {
  const headers: Record<string, string> = {};
  const { list } = exchange.variables;
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] ?? '';
    if (name.startsWith('HTTP_') || name === 'CONTENT_LENGTH' || name === 'CONTENT_TYPE')
      headers[name] = list[i + 1] ?? '';
  }
  return headers;
}

/** Has our engine read the bytes, given in these pieces, up to the end of the connection. */
export function readWithOurs(pieces: readonly Buffer[]): Reading {
  const requests: Understood[] = [];
  const complaints: string[] = [];
  const server = new HttpServer(
    {
      listener: { protocol: 'http-socket', name: 'memory' },
      limits: { ...LIMITS, headBytes: 65_535 },
      serverName: 'host',
      serverPort: '80',
      router: undefined,
      secure: false,
      keepAlive: true,
      filters: [],
      complain: (message) => complaints.push(message),
      finished: () => {},
      handle: (exchange) => {
        let body = '';
        exchange.body.receive({
          onBodyData: (chunk) => (body += chunk.toString('latin1')),
          onBodyEnd: () => {
            const { variables } = exchange;
            requests.push({
              method: variables.get('REQUEST_METHOD') ?? '',
              target: variables.get('REQUEST_URI') ?? '',
              headers: headersOf(exchange),
              body,
            });
            exchange.respond({ status: 204, reason: 'No Content', headers: [] }, Buffer.alloc(0));
          },
          onBodyError: (error) => complaints.push(error.message),
        });
      },
    },
    new TimerWheel(),
  );
  const stream = new MemoryStream();
  const handler = server.accept(stream);
  for (const piece of pieces) {
    // The buffer of a transport is used again for the next piece: nothing may hold on to it.
    const buffer = Buffer.alloc(piece.length);
    piece.copy(buffer);
    handler.onData(buffer);
    buffer.fill('!');
  }
  const closedBefore = stream.state !== 'open';
  handler.onEnd();
  server.destroy();
  return { requests, refusal: complaints[0] ?? (closedBefore ? 'closed' : undefined) };
}

/** The parser of node:http, which has no public name; its callbacks are properties with numbers as names. */
interface NodeParser {
  initialize(type: number, resource: object, maxHeaderSize: number, lenientFlags: number): void;
  execute(bytes: Buffer): number | (Error & { code: string });
  finish(): (Error & { code: string }) | undefined;
  [callback: number]: (...parts: never[]) => unknown;
}

interface NodeParserClass {
  new (): NodeParser;
  readonly REQUEST: number;
  readonly kLenientNone: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
}

const { HTTPParser, methods } = createRequire(import.meta.url)('_http_common') as {
  HTTPParser: NodeParserClass;
  methods: readonly string[];
};

/** Has llhttp, the parser of node:http, read the same, as strictly as it can. */
export function readWithNode(pieces: readonly Buffer[]): Reading {
  const requests: Understood[] = [];
  let rawHeaders: string[] = [];
  let target = '';
  let method = '';
  let body = '';
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.REQUEST, {}, 65_535, HTTPParser.kLenientNone);
  let inTrailers = false;
  // Called for what exceeds 32 header lines, and for trailers.
  parser[HTTPParser.kOnHeaders] = (headers: string[], url: string): void => {
    if (inTrailers) return;
    rawHeaders.push(...headers);
    target += url;
  };
  parser[HTTPParser.kOnHeadersComplete] = (
    _major: number,
    _minor: number,
    headers: string[] | undefined,
    methodNumber: number,
    url: string | undefined,
  ): number => {
    rawHeaders.push(...(headers ?? []));
    target += url ?? '';
    method = methods[methodNumber] ?? '';
    inTrailers = true;
    return 0;
  };
  parser[HTTPParser.kOnBody] = (chunk: Buffer): void => {
    body += chunk.toString('latin1');
  };
  parser[HTTPParser.kOnMessageComplete] = (): void => {
    requests.push({ method, target, headers: joinHeaders(rawHeaders), body });
    rawHeaders = [];
    target = '';
    body = '';
    inTrailers = false;
  };
  for (const piece of pieces) {
    const result = parser.execute(Buffer.from(piece));
    if (result instanceof Error) return { requests, refusal: result.code };
  }
  return { requests, refusal: parser.finish()?.code };
}

function joinHeaders(rawHeaders: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toUpperCase();
    // Dropped by us: it could be taken for a name with hyphens.
    if (name.includes('_')) continue;
    const variable =
      name === 'CONTENT-LENGTH' || name === 'CONTENT-TYPE'
        ? name.replace('-', '_')
        : `HTTP_${name.replaceAll('-', '_')}`;
    const value = rawHeaders[i + 1] ?? '';
    headers[variable] = variable in headers ? `${headers[variable]}, ${value}` : value;
  }
  return headers;
}
