import type { Buffer } from 'node:buffer';
import { endianness } from 'node:os';

import { AF_INET, AF_INET6, decodePort } from './socket-address.ts';

export interface TcpName {
  readonly host: string;
  readonly port: number;
}

const NO_NAME: TcpName = { host: '', port: 0 };
const isLittleEndian = endianness() === 'LE';
const V4_MAPPED_GROUPS = [0, 0, 0, 0, 0, 0xffff];

/**
 * Reads an address as the kernel writes it (`struct sockaddr_in`, `_in6`). IPv4 clients of a dual-stack socket are shown as what
 * they are. Anything but TCP has the empty name.
 */
export function decodeTcpName(bytes: Buffer): TcpName {
  const family = isLittleEndian ? bytes.readUInt16LE(0) : bytes.readUInt16BE(0);
  if (family === AF_INET) return { host: formatIpv4(bytes, 4), port: decodePort(bytes) };
  if (family !== AF_INET6) return NO_NAME;
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(8 + 2 * i));
  const isMapped = V4_MAPPED_GROUPS.every((group, i) => groups[i] === group);
  return { host: isMapped ? formatIpv4(bytes, 20) : formatIpv6(groups), port: decodePort(bytes) };
}

function formatIpv4(bytes: Buffer, offset: number): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}

/** The longest run of two or more zero groups becomes `::` (RFC 5952). */
function formatIpv6(groups: readonly number[]): string {
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.length < 2) return hex.join(':');
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`;
}
