import { type Buffer, isUtf8 } from 'node:buffer';

import { WebSocketCloseCode, WebSocketError } from '@emperor/protocol';

/**
 * Reads the payload of a close frame.
 * @returns what the client is answered: the same code, or nothing where it gave none
 * @throws WebSocketError for what no client may say (RFC 6455 section 7.4)
 */
export function readCloseCode(payload: Buffer): Buffer {
  if (payload.length === 0) return payload;
  const code = payload.length === 1 ? 0 : payload.readUInt16BE(0);
  const isKnown =
    (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999);
  if (!isKnown) throw new WebSocketError(WebSocketCloseCode.protocolError, `there is no close code ${code}`);
  if (!isUtf8(payload.subarray(2)))
    throw new WebSocketError(WebSocketCloseCode.invalidText, 'the reason of the end is not UTF-8');
  return payload.subarray(0, 2);
}
