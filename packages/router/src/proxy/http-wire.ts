import { Buffer } from 'node:buffer';

import {
  type Exchange,
  findHeader,
  removeHeader,
  type ResponseHead,
  type ResponseParser,
  type Variables,
} from '@emperor/http';

import type { Backend } from './backend.ts';
import { forwardedLines, isForwardingVariable } from './forwarding.ts';
import { headerName } from './header-name.ts';
import type { RequestWire } from './request-wire.ts';
import type { TrustedProxies } from './trusted-proxies.ts';
import { upgradeOffer } from './upgrade-offer.ts';

/** Requests that may be sent on a connection the backend may be about to close, since they can be sent again (RFC 9110 section 9.2.2). */
const REUSING = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
/** Servers close idle connections after 2 s (gunicorn), 5 s (Node.js, Apache), 75 s (nginx); where they say when, we are a second earlier. */
const KEEP_MS = 4000;
const TIMEOUT = /(?:^|[,;\s])timeout=([0-9]{1,6})/i;
/** Of one connection only (RFC 9110 section 7.6.1). */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade'];
const ABSOLUTE = /^[a-z]+:\/\/[^/?]*/i;

/** Variables that are not passed on as they are: of this connection only, or written by us. */
const NOT_COPIED = new Set([
  'HTTP_HOST',
  'HTTP_CONNECTION',
  'HTTP_KEEP_ALIVE',
  'HTTP_PROXY_CONNECTION',
  'HTTP_TE',
  'HTTP_TRAILER',
  'HTTP_TRANSFER_ENCODING',
  'HTTP_UPGRADE',
  'HTTP_EXPECT',
  'HTTP_HTTP2_SETTINGS',
]);

/** Requests as HTTP/1.1, for backends that are HTTP servers. */
export class HttpWire implements RequestWire {
  readonly needsLength = false;
  readonly agreementToken: string | undefined = undefined;
  readonly #trusted: TrustedProxies;

  constructor(trusted: TrustedProxies) {
    this.#trusted = trusted;
  }

  encodeHead(exchange: Exchange, backend: Backend, bodyBytes: number | undefined): Buffer {
    const { variables } = exchange;
    const { list } = variables;
    const connection = variables.get('HTTP_CONNECTION');
    const named = connection === undefined ? [] : connection.toLowerCase().split(',');
    let text = `${variables.get('REQUEST_METHOD') ?? 'GET'} ${target(variables)} HTTP/1.1\r\nHost: ${variables.get('HTTP_HOST') ?? backend.name}\r\n`;
    for (let i = 0; i < list.length; i += 2) {
      const variable = list[i] ?? '';
      if (!variable.startsWith('HTTP_') || NOT_COPIED.has(variable) || isForwardingVariable(variable)) continue;
      const name = headerName(variable);
      if (named.some((item) => item.trim() === name.toLowerCase())) continue;
      text += `${name}: ${list[i + 1] ?? ''}\r\n`;
    }
    const offer = upgradeOffer(exchange);
    if (offer !== undefined) text += `Connection: Upgrade\r\nUpgrade: ${offer}\r\n`;
    const type = variables.get('CONTENT_TYPE');
    if (type !== undefined) text += `Content-Type: ${type}\r\n`;
    if (bodyBytes === undefined) text += 'Transfer-Encoding: chunked\r\n';
    else if (bodyBytes > 0 || variables.get('CONTENT_LENGTH') !== undefined) text += `Content-Length: ${bodyBytes}\r\n`;
    return Buffer.from(`${text}${forwardedLines(variables, this.#trusted)}\r\n`, 'latin1');
  }

  mayReuse(method: string): boolean {
    return REUSING.has(method);
  }

  keepMs(_backend: Backend, parser: ResponseParser): number {
    if (!parser.persistent) return 0;
    const seconds = parser.keepAlive === undefined ? undefined : TIMEOUT.exec(parser.keepAlive)?.[1];
    return seconds === undefined ? KEEP_MS : Math.min(KEEP_MS, (Number(seconds) - 1) * 1000);
  }

  isFarewell(): boolean {
    return false;
  }

  clean(head: ResponseHead): void {
    const { headers } = head;
    const connection = findHeader(headers, 'connection');
    if (connection !== undefined) {
      for (const item of connection.toLowerCase().split(',')) {
        const name = item.trim();
        if (name !== 'close') removeHeader(headers, name);
      }
    }
    for (const name of HOP_BY_HOP) removeHeader(headers, name);
  }
}

/** The request target in the form servers expect: path and query (RFC 9112 section 3.2.1). */
function target(variables: Variables): string {
  const uri = variables.get('REQUEST_URI') ?? '/';
  if (uri.startsWith('/') || uri === '*') return uri;
  const rest = uri.replace(ABSOLUTE, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
}
