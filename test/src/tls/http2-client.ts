import { once } from 'node:events';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import type { TLSSocket } from 'node:tls';

import { patienceMs, within } from '../rig/until.ts';

export interface Http2Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Opens an HTTP/2 connection to 127.0.0.1 without a look at the certificate. */
export async function connectHttp2(port: number): Promise<ClientHttp2Session> {
  const session = connect(`https://localhost:${port}`, { rejectUnauthorized: false, host: '127.0.0.1' });
  await within(patienceMs, 'the HTTP/2 handshake', once(session, 'connect'));
  session.on('error', () => undefined);
  return session;
}

/** HTTP/2 on a TLS connection that is there already. */
export function connectHttp2On(socket: TLSSocket): ClientHttp2Session {
  const session = connect('https://localhost', { createConnection: () => socket });
  session.on('error', () => undefined);
  return session;
}

/** Waits for the end of a connection, in order or not. */
export async function closed(session: ClientHttp2Session): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  session.once('close', resolve);
  await within(patienceMs, 'the server to end the connection', promise);
}

/** One request on a stream of its own. Fails when the stream is reset. */
export async function askHttp2(
  session: ClientHttp2Session,
  fields: Readonly<Record<string, string | string[]>>,
  body?: Uint8Array,
): Promise<Http2Answer> {
  const stream = session.request(fields, { endStream: body === undefined });
  const { promise, resolve, reject } = Promise.withResolvers<Http2Answer>();
  const chunks: Buffer[] = [];
  let headers: IncomingHttpHeaders = {};
  stream.on('response', (received) => {
    headers = received;
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => resolve({ status: Number(headers[':status'] ?? 0), headers, body: Buffer.concat(chunks) }));
  stream.on('error', reject);
  if (body !== undefined) stream.end(body);
  return await within(patienceMs, `an answer to ${JSON.stringify(fields)}`, promise);
}
