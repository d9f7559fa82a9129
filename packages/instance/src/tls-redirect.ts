import { Buffer } from 'node:buffer';

import { type Exchange, reasonPhrase } from '@emperor/http';

const NOTHING = Buffer.alloc(0);
const PORT = /:\d*$/;
const ABSOLUTE = /^[a-z]+:\/\/[^/?]*/i;

/**
 * Sends a client to the same address behind TLS (`http-to-https`), at the ordinary port as uWSGI does. What is no GET or HEAD keeps its
 * method and body (308, where uWSGI has 301 and clients turn a POST into a GET).
 */
export function redirectToHttps(exchange: Exchange): void {
  const { variables } = exchange;
  const method = variables.get('REQUEST_METHOD');
  const host = (variables.get('HTTP_HOST') ?? variables.get('SERVER_NAME') ?? '').replace(PORT, '');
  const path = (variables.get('REQUEST_URI') ?? '/').replace(ABSOLUTE, '');
  const status = method === 'GET' || method === 'HEAD' ? 301 : 308;
  const location = `https://${host}${path.startsWith('/') ? path : '/'}`;
  exchange.respond(
    { status, reason: reasonPhrase(status), headers: ['Location', location, 'Content-Length', '0'] },
    NOTHING,
  );
}
