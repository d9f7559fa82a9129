import { once } from 'node:events';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';

import { type Answer, parseAnswer } from '../rig/answer.ts';
import { patienceMs, within } from '../rig/until.ts';

/** Opens a TLS connection to 127.0.0.1; whose certificate it gets is the test's business, so it is not verified. */
export async function connectTls(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  await within(patienceMs, 'the TLS handshake', once(socket, 'secureConnect'));
  return socket;
}

/** Sends bytes and takes one answer off what comes back. */
export async function askTls(socket: TLSSocket, request: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  let received = Buffer.alloc(0);
  const onData = (data: Buffer): void => {
    received = Buffer.concat([received, data]);
    const answer = parseAnswer(received, { isHead: request.startsWith('HEAD '), atEnd: false });
    if (answer !== undefined) resolve(answer);
  };
  socket.on('data', onData);
  socket.once('error', reject);
  socket.once('close', () => reject(new Error(`closed after ${received.toString('latin1', 0, 300)}`)));
  socket.write(request, 'latin1');
  try {
    return await within(patienceMs, 'an answer over TLS', promise);
  } finally {
    socket.off('data', onData);
  }
}

/** The host the server's certificate is made for. */
export function hostOf(socket: TLSSocket): string {
  return String(socket.getPeerCertificate().subject.CN);
}
