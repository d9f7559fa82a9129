import { isIPv6 } from 'node:net';

import type { Variables } from '@emperor/http';

import type { TrustedProxies } from './trusted-proxies.ts';

const NODE = /^[A-Za-z0-9._:[\]-]+$/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * What HTTP backends are told about the client: `X-Forwarded-For`, `-Proto`, `-Host`, and `Forwarded` (RFC 7239). What a client says about
 * itself there is dropped, unless it is a proxy that is trusted: then what it says goes on, with itself added.
 * Backends that speak uwsgi get the address as REMOTE_ADDR, and these headers as the client sent them (UWSGI-FACTS 5.14).
 */
export function forwardedLines(variables: Variables, trusted: TrustedProxies): string {
  const address = variables.get('REMOTE_ADDR') ?? '';
  const host = variables.get('HTTP_HOST') ?? '';
  const scheme = variables.get('HTTPS') === 'on' ? 'https' : 'http';
  const believed = trusted.has(address);
  const said = (name: string): string | undefined => (believed ? variables.get(name) : undefined);

  const chain = [said('HTTP_X_FORWARDED_FOR'), address].filter((part) => part !== undefined && part !== '').join(', ');
  let text = chain === '' ? '' : `X-Forwarded-For: ${chain}\r\n`;
  text += `X-Forwarded-Proto: ${said('HTTP_X_FORWARDED_PROTO') ?? scheme}\r\n`;
  const forwardedHost = said('HTTP_X_FORWARDED_HOST') ?? host;
  if (forwardedHost !== '') text += `X-Forwarded-Host: ${forwardedHost}\r\n`;
  const port = said('HTTP_X_FORWARDED_PORT') ?? variables.get('SERVER_PORT') ?? '';
  if (port !== '') text += `X-Forwarded-Port: ${port}\r\n`;

  const own = `for=${node(address)}${host === '' ? '' : `;host=${quote(host)}`};proto=${scheme}`;
  const before = said('HTTP_FORWARDED');
  return `${text}Forwarded: ${before === undefined || before === '' ? own : `${before}, ${own}`}\r\n`;
}

/** Whether a header of the client is replaced by what we say, or left out because nobody vouches for it. */
export function isForwardingVariable(variable: string): boolean {
  return variable.startsWith('HTTP_X_FORWARDED_') || variable === 'HTTP_FORWARDED' || variable === 'HTTP_X_REAL_IP';
}

/** RFC 7239 section 6: IPv6 addresses in brackets, and so in quotes. */
function node(address: string): string {
  if (address === '') return 'unknown';
  if (isIPv6(address)) return `"[${address}]"`;
  return NODE.test(address) ? address : 'unknown';
}

function quote(host: string): string {
  return TOKEN.test(host) ? host : `"${host.replaceAll(/["\\]/g, '\\$&')}"`;
}
