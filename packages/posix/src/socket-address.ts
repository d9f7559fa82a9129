import { Buffer } from 'node:buffer';
import { isIPv4, isIPv6 } from 'node:net';
import { endianness } from 'node:os';

/** The address families and layouts of Linux (`struct sockaddr_in`, `_in6`, `_un`; see ip(7), ipv6(7), unix(7)). */
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;

const SOCKADDR_IN_BYTES = 16;
const SOCKADDR_IN6_BYTES = 28;
const SUN_PATH_BYTES = 108;

export interface EncodedAddress {
  readonly family: number;
  readonly bytes: Buffer;
}

function header(size: number, family: number): Buffer {
  const bytes = Buffer.alloc(size);
  if (endianness() === 'LE') bytes.writeUInt16LE(family, 0);
  else bytes.writeUInt16BE(family, 0);
  return bytes;
}

function ipv6Groups(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const parse = (part: string): number[] =>
    part === ''
      ? []
      : part.split(':').flatMap((group) => {
          if (!group.includes('.')) return [Number.parseInt(group, 16)];
          const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
          return [(a << 8) | b, (c << 8) | d];
        });
  const left = parse(head);
  if (tail === undefined) return left;
  const right = parse(tail);
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
}

/**
 * Encodes a TCP address. `host` is an IP address; empty or `*` means every IPv4 address of the machine, as in uWSGI.
 * @throws RangeError when `host` is not an IP address (names are not resolved here)
 */
export function encodeTcpAddress(host: string, port: number): EncodedAddress {
  const address = host === '' || host === '*' ? '0.0.0.0' : host;
  if (isIPv4(address)) {
    const bytes = header(SOCKADDR_IN_BYTES, AF_INET);
    bytes.writeUInt16BE(port, 2);
    bytes.set(address.split('.').map(Number), 4);
    return { family: AF_INET, bytes };
  }
  if (!isIPv6(address)) throw new RangeError(`"${host}" is not an IP address`);
  const bytes = header(SOCKADDR_IN6_BYTES, AF_INET6);
  bytes.writeUInt16BE(port, 2);
  ipv6Groups(address.replace(/%.*$/, '')).forEach((group, index) => bytes.writeUInt16BE(group, 8 + 2 * index));
  return { family: AF_INET6, bytes };
}

/**
 * Encodes a UNIX address; a leading NUL makes it abstract, without the stray trailing NUL of uWSGI (UWSGI-FACTS 12.5).
 * @throws RangeError when the path is longer than the 107 bytes the kernel takes
 */
export function encodeUnixAddress(path: string): EncodedAddress {
  const name = Buffer.from(path, 'utf8');
  if (name.length >= SUN_PATH_BYTES) {
    throw new RangeError(
      `the path of a UNIX socket has at most ${SUN_PATH_BYTES - 1} bytes, this one has ${name.length}: ${path}`,
    );
  }
  const abstract = name[0] === 0;
  const bytes = header(2 + name.length + (abstract ? 0 : 1), AF_UNIX);
  name.copy(bytes, 2);
  return { family: AF_UNIX, bytes };
}

/** Reads the port back from an encoded IPv4 or IPv6 address. */
export function decodePort(bytes: Buffer): number {
  return bytes.readUInt16BE(2);
}
