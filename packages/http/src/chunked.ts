import { Buffer } from 'node:buffer';

/** Where chunks of a body are sent. */
export interface ChunkTarget {
  /** @returns false for back-pressure */
  send(bytes: Uint8Array | string): boolean;
  cork(): void;
  uncork(): void;
}

/** Bodies up to this size are copied between their framing to leave in one write; larger ones are written beside it. */
const COPY_BYTES = 16_384;

/** Ends a chunked body (RFC 9112 section 7.1). */
export const LAST_CHUNK = '0\r\n\r\n';

/** Sends a piece of a body as one chunk (RFC 9112 section 7.1). @returns false for back-pressure */
export function sendChunk(target: ChunkTarget, chunk: Uint8Array): boolean {
  const size = chunk.length.toString(16);
  if (chunk.length <= COPY_BYTES) {
    const bytes = Buffer.allocUnsafe(size.length + chunk.length + 4);
    bytes.write(`${size}\r\n`, 'latin1');
    bytes.set(chunk, size.length + 2);
    bytes.write('\r\n', size.length + 2 + chunk.length, 'latin1');
    return target.send(bytes);
  }
  target.cork();
  target.send(`${size}\r\n`);
  target.send(chunk);
  const more = target.send('\r\n');
  target.uncork();
  return more;
}
