import { parseAddress, type SocketAddressText } from './address.ts';
import { ConfigError } from './config-error.ts';

/** Where a proxy sends requests, and what is spoken there. */
export interface BackendText {
  readonly protocol: 'uwsgi' | 'http';
  readonly address: Extract<SocketAddressText, { kind: 'tcp' | 'unix' }>;
}

const HTTP = 'http://';
const FORMS =
  'a backend is HOST:PORT, the path of a UNIX socket, or for an HTTP server http://HOST:PORT or http://unix:/PATH';
const HTTP_PORT = 80;

/**
 * Reads a backend of `http-to` and its kin: an address, which speaks uwsgi, or `http://` and an address, which speaks HTTP.
 * @throws {ConfigError} with a sentence that names the text
 */
export function parseBackend(text: string): BackendText {
  const isHttp = text.startsWith(HTTP);
  const rest = isHttp ? text.slice(HTTP.length).replace(/\/$/, '') : text;
  const address = parseAddress(isHttp ? withPort(rest) : rest);
  if (address.kind !== 'tcp' && address.kind !== 'unix')
    throw new ConfigError(`${JSON.stringify(text)} is not the address of a server`, FORMS);
  return { protocol: isHttp ? 'http' : 'uwsgi', address };
}

function withPort(text: string): string {
  return text === '' || text.startsWith('unix:') || /:\d+$/.test(text) ? text : `${text}:${HTTP_PORT}`;
}
