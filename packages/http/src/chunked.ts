/** Where chunks of a body are sent. */
export interface ChunkTarget {
  /** @returns false for back-pressure */
  send(bytes: Uint8Array | string): boolean;
  cork(): void;
  uncork(): void;
}

/** Ends a chunked body (RFC 9112 section 7.1). */
export const LAST_CHUNK = '0\r\n\r\n';

/** Sends a piece of a body as one chunk (RFC 9112 section 7.1). @returns false for back-pressure */
export function sendChunk(target: ChunkTarget, chunk: Uint8Array): boolean {
  target.cork();
  target.send(`${chunk.length.toString(16)}\r\n`);
  target.send(chunk);
  target.send('\r\n');
  target.uncork();
  // Only now it is known whether the peer takes it.
  return target.send('');
}
