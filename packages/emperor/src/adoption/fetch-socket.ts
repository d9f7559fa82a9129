import {
  AF_UNIX,
  closeSocket,
  connectSocket,
  encodeUnixAddress,
  openSocket,
  receiveDescriptor,
  sendBytes,
  SystemCallError,
} from '@emperor/posix';
import type { ControlRequest } from '@emperor/protocol';

const LOOK_EVERY_MS = 5;

/** The answer is a line of JSON; the descriptor comes with its first byte. */
const ANSWER_LIMIT_BYTES = 4096;

/**
 * Asks a vassal of ours for the listening socket that its emperor held for it. Undefined when it has none, or does not answer in
 * time.
 */
export async function fetchSocket(controlSocket: string, timeoutMs: number): Promise<number | undefined> {
  const connection = openSocket(AF_UNIX);
  if (connection < 0) return undefined;
  try {
    if (connectSocket(connection, encodeUnixAddress(controlSocket)) !== 0) return undefined;
    const request: ControlRequest = { request: 'held-socket' };
    sendBytes(connection, Buffer.from(`${JSON.stringify(request)}\n`), false);
    return await answered(connection, performance.now() + timeoutMs);
  } finally {
    closeSocket(connection);
  }
}

async function answered(connection: number, deadline: number): Promise<number | undefined> {
  while (performance.now() < deadline) {
    try {
      return receiveDescriptor(connection, ANSWER_LIMIT_BYTES).descriptor;
    } catch (error) {
      if (!(error instanceof SystemCallError) || error.code !== 'EAGAIN') return undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return undefined;
}
