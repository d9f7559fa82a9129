import { ConfigError } from './config-error.ts';

/**
 * An address as it is written in a configuration.
 *
 * `host` is the empty string where none is given (`:8000`, `*:8000`): all interfaces for a listener, this machine for a client.
 * `path` begins with a NUL character for a name in the abstract namespace.
 */
export type SocketAddressText =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'shared'; readonly index: number }
  | { readonly kind: 'fd'; readonly fd: number };

const FORMS = 'an address is :PORT, HOST:PORT, [IPV6]:PORT, /PATH, @NAME (abstract), =N (shared socket) or fd://N';

/**
 * Reads an address as uWSGI's socket options take it.
 *
 * `0` is descriptor 0, as a vassal started on demand inherits it; any other text without a port is the path of a UNIX socket.
 * @throws {ConfigError} with a sentence that names the text
 */
export function parseAddress(text: string): SocketAddressText {
  if (text === '') throw new ConfigError('the address is empty', FORMS);
  if (text.includes('\0')) throw new ConfigError('the address contains a NUL character', FORMS);
  if (text === '0') return { kind: 'fd', fd: 0 };
  if (text.startsWith('fd://')) return { kind: 'fd', fd: parseIndex(text, text.slice(5)) };
  if (text.startsWith('=')) return { kind: 'shared', index: parseIndex(text, text.slice(1)) };
  if (text.startsWith('@')) return parseAbstract(text);
  if (text.startsWith('unix:')) return parsePath(text.slice(text.startsWith('unix://') ? 7 : 5));
  if (text.startsWith('/') || text.startsWith('./') || text.startsWith('../')) return parsePath(text);
  const colon = text.lastIndexOf(':');
  return colon === -1 ? parsePath(text) : parseTcp(text, colon);
}

function parseIndex(text: string, digits: string): number {
  if (!/^\d{1,6}$/.test(digits)) throw new ConfigError(`${JSON.stringify(text)} does not end in a number`, FORMS);
  return Number(digits);
}

function parseAbstract(text: string): SocketAddressText {
  if (text.length === 1) throw new ConfigError('"@" is not followed by the name of an abstract socket', FORMS);
  return checkPathLength({ kind: 'unix', path: `\0${text.slice(1)}` });
}

function parsePath(path: string): SocketAddressText {
  if (path === '') throw new ConfigError('the path of the UNIX socket is empty', FORMS);
  return checkPathLength({ kind: 'unix', path });
}

/** sun_path holds 108 bytes on Linux, the last of them NUL. */
function checkPathLength(address: { readonly kind: 'unix'; readonly path: string }): SocketAddressText {
  const length = Buffer.byteLength(address.path);
  if (length > 107) {
    throw new ConfigError(`the path of the UNIX socket is ${length} bytes long, the system takes at most 107`);
  }
  return address;
}

function parseTcp(text: string, colon: number): SocketAddressText {
  const port = text.slice(colon + 1);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new ConfigError(`${JSON.stringify(text)} has no port between 0 and 65535 behind the last colon`, FORMS);
  }
  return { kind: 'tcp', host: parseHost(text, text.slice(0, colon)), port: Number(port) };
}

function parseHost(text: string, host: string): string {
  if (host === '*') return '';
  if (host.startsWith('[') && host.endsWith(']') && host.length > 2) return host.slice(1, -1);
  if (/[\s[\]/]/.test(host))
    throw new ConfigError(`${JSON.stringify(text)} has no valid host in front of the port`, FORMS);
  if (host.includes(':')) {
    throw new ConfigError(
      `${JSON.stringify(text)} is an IPv6 address without brackets`,
      `write [${host}]:${text.slice(host.length + 1)}`,
    );
  }
  return host;
}
