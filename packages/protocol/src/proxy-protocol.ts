import { Buffer } from 'node:buffer';
import { isIPv4, isIPv6 } from 'node:net';

/**
 * The PROXY protocol of HAProxy (versions 1 and 2): what a proxy says about the connection it passes on, before the first byte of it.
 *
 *     version 1   "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n", at most 107 bytes; TCP6; "PROXY UNKNOWN ...\r\n"
 *     version 2   12 bytes signature · u8 version (2) << 4 | command (0 local, 1 proxy) · u8 family << 4 | transport ·
 *                 u16 length of what follows · addresses · extensions, which are skipped
 *                 family 1: u32 source, u32 destination, u16 source port, u16 destination port; family 2: the same with 16-byte addresses
 */
export interface ProxyHeader {
  /** Length of the header. */
  readonly bytes: number;
  /** Undefined where the connection is the proxy's own (a health check), or of a kind that has no addresses here. */
  readonly peers: ProxiedPeers | undefined;
}

export interface ProxiedPeers {
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly destinationAddress: string;
  readonly destinationPort: number;
}

/** A header that begins as one and breaks the rules. */
export class ProxyProtocolError extends Error {}

const V1_START = 'PROXY ';
const V1_MAX_BYTES = 107;
const V1_PORT = /^(?:0|[1-9][0-9]{0,4})$/;
const V2_SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
const V2_HEADER_BYTES = 16;
/** Room for many extensions; longer ones are no announcement any more. */
const V2_MAX_BYTES = 8192;

/**
 * Reads the header at the start of a connection.
 * @returns `absent` when the connection does not begin with one, `incomplete` while that cannot be told
 * @throws ProxyProtocolError
 */
export function decodeProxyHeader(input: Buffer): ProxyHeader | 'absent' | 'incomplete' {
  for (const [start, decode] of [
    [V1_START, decodeV1],
    [V2_SIGNATURE, decodeV2],
  ] as const) {
    const seen = input.toString('latin1', 0, Math.min(start.length, input.length));
    if (seen === start) return decode(input);
    if (start.startsWith(seen)) return 'incomplete';
  }
  return 'absent';
}

function decodeV1(input: Buffer): ProxyHeader | 'incomplete' {
  const text = input.toString('latin1', 0, Math.min(V1_MAX_BYTES, input.length));
  const end = text.indexOf('\r\n');
  if (end < 0) {
    if (input.length >= V1_MAX_BYTES) throw new ProxyProtocolError('its line is longer than 107 bytes');
    return 'incomplete';
  }
  const [, family, sourceAddress = '', destinationAddress = '', sourcePort = '', destinationPort = '', ...rest] = text
    .slice(0, end)
    .split(' ');
  const bytes = end + 2;
  if (family === 'UNKNOWN') return { bytes, peers: undefined };
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : undefined;
  if (isAddress === undefined) throw new ProxyProtocolError('its family is none of TCP4, TCP6 and UNKNOWN');
  if (!isAddress(sourceAddress) || !isAddress(destinationAddress))
    throw new ProxyProtocolError(`its addresses are not those of ${family}`);
  if (!isPort(sourcePort) || !isPort(destinationPort) || rest.length > 0)
    throw new ProxyProtocolError('it does not end in two port numbers');
  const peers = {
    sourceAddress,
    sourcePort: Number(sourcePort),
    destinationAddress,
    destinationPort: Number(destinationPort),
  };
  return { bytes, peers };
}

function isPort(text: string): boolean {
  return V1_PORT.test(text) && Number(text) <= 65_535;
}

function decodeV2(input: Buffer): ProxyHeader | 'incomplete' {
  if (input.length < V2_HEADER_BYTES) return 'incomplete';
  const version = input.readUInt8(12) >> 4;
  const command = input.readUInt8(12) & 15;
  const family = input.readUInt8(13) >> 4;
  const bytes = V2_HEADER_BYTES + input.readUInt16BE(14);
  if (version !== 2 || command > 1) throw new ProxyProtocolError('its version or its command is unknown');
  if (bytes > V2_MAX_BYTES) throw new ProxyProtocolError(`it is longer than ${V2_MAX_BYTES} bytes`);
  if (input.length < bytes) return 'incomplete';
  const addressBytes = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (command === 0 || addressBytes === 0) return { bytes, peers: undefined };
  if (bytes < V2_HEADER_BYTES + 2 * addressBytes + 4) throw new ProxyProtocolError('it is too short for its addresses');
  const readAddress = (at: number): string => formatAddress(input.subarray(at, at + addressBytes));
  const ports = V2_HEADER_BYTES + 2 * addressBytes;
  const peers = {
    sourceAddress: readAddress(V2_HEADER_BYTES),
    sourcePort: input.readUInt16BE(ports),
    destinationAddress: readAddress(V2_HEADER_BYTES + addressBytes),
    destinationPort: input.readUInt16BE(ports + 2),
  };
  return { bytes, peers };
}

function formatAddress(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: number[] = [];
  for (let at = 0; at < bytes.length; at += 2) groups.push(bytes.readUInt16BE(at));
  return compress(groups);
}

/** RFC 5952: the first longest run of two or more zero groups becomes `::`. */
function compress(groups: readonly number[]): string {
  let start = 0;
  let length = 1;
  for (let at = 0; at < groups.length; at++) {
    let end = at;
    while (groups[end] === 0) end++;
    if (end - at > length) [start, length] = [at, end - at];
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  return length < 2 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** A header of version 1. Where one of the addresses is none (a client on a UNIX socket): one that says so. */
export function encodeProxyHeader({
  sourceAddress,
  sourcePort,
  destinationAddress,
  destinationPort,
}: ProxiedPeers): string {
  const family =
    isIPv4(sourceAddress) && isIPv4(destinationAddress)
      ? 'TCP4'
      : isIPv6(sourceAddress) && isIPv6(destinationAddress)
        ? 'TCP6'
        : undefined;
  if (family === undefined) return 'PROXY UNKNOWN\r\n';
  return `PROXY ${family} ${sourceAddress} ${destinationAddress} ${sourcePort} ${destinationPort}\r\n`;
}
