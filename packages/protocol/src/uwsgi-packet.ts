import { Buffer } from 'node:buffer';

/**
 * uWSGI's packet: who speaks what over a `socket` (UWSGI-FACTS 12).
 *
 *     u8  modifier1    0: a WSGI request
 *     u16 size         little-endian, bytes of the block that follows
 *     u8  modifier2
 *     size bytes       { u16 key length, key, u16 value length, value }*, little-endian
 *
 * A body of CONTENT_LENGTH bytes follows. The answer is raw HTTP; the connection then closes.
 */
export const UWSGI_HEADER_BYTES = 4;
export const MAX_UWSGI_BLOCK_BYTES = 65535;

export const Modifier1 = {
  request: 0,
  spooler: 17,
  ping: 100,
  signal: 110,
  cache: 111,
  rpc: 173,
} as const;

export interface UwsgiHeader {
  readonly modifier1: number;
  readonly blockBytes: number;
  readonly modifier2: number;
}

/** Reads the first four bytes. */
export function decodeUwsgiHeader(bytes: Buffer, offset = 0): UwsgiHeader {
  return {
    modifier1: bytes.readUInt8(offset),
    blockBytes: bytes.readUInt16LE(offset + 1),
    modifier2: bytes.readUInt8(offset + 3),
  };
}

/**
 * Reads the block of variables as a flat list of names and values (latin-1). They are slices of one text: decoding each by itself takes
 * four times as long, and whoever keeps one keeps the block.
 * @returns undefined when the lengths do not add up to the block
 */
export function decodeUwsgiVariables(block: Buffer): string[] | undefined {
  const text = block.toString('latin1');
  const list: string[] = [];
  let offset = 0;
  while (offset < text.length) {
    const start = offset + 2;
    if (start > text.length) return undefined;
    offset = start + text.charCodeAt(offset) + 256 * text.charCodeAt(offset + 1);
    if (offset > text.length) return undefined;
    list.push(text.slice(start, offset));
  }
  return list.length % 2 === 0 ? list : undefined;
}

/**
 * Encodes header and block.
 * @param list flat list of names and values, latin-1 text
 * @throws RangeError when the block does not fit 65,535 bytes
 */
export function encodeUwsgiPacket(modifier1: number, modifier2: number, list: readonly string[]): Buffer {
  let size = 0;
  for (const part of list) size += 2 + part.length;
  if (size > MAX_UWSGI_BLOCK_BYTES) {
    throw new RangeError(`the variables of a uwsgi request take ${size} bytes, more than ${MAX_UWSGI_BLOCK_BYTES}`);
  }
  const packet = Buffer.allocUnsafe(UWSGI_HEADER_BYTES + size);
  packet.writeUInt8(modifier1, 0);
  packet.writeUInt16LE(size, 1);
  packet.writeUInt8(modifier2, 3);
  let offset = UWSGI_HEADER_BYTES;
  for (const part of list) {
    packet.writeUInt16LE(part.length, offset);
    packet.write(part, offset + 2, 'latin1');
    offset += 2 + part.length;
  }
  return packet;
}
