import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Config } from '@emperor/config';
import type { HostIdentity, TlsIdentities, TlsIdentity } from '@emperor/transport';

import { StartError } from './start-error.ts';
import { parseIdentity } from './tls-request.ts';

/** What `sni`, `sni-regexp` and `sni-dir` say; the same for every TLS socket of the instance. */
export type TlsHosts = Omit<TlsIdentities, 'main'>;

/** @throws StartError that names the line */
export function tlsHosts(config: Config, directory: string): TlsHosts {
  const entries = config.entriesOf('sni', 'sni-regexp');
  const hosts = entries.map(({ key, value, origin }): HostIdentity => {
    const what = `${origin.source}${origin.line > 0 ? `:${origin.line}` : ''}: ${key} = ${value}`;
    const [name = '', rest = ''] = value.trim().split(/\s+/, 2);
    const identity = parseIdentity(rest, directory);
    if (identity === undefined)
      throw new StartError(`${what}: expected ${key === 'sni' ? 'HOST' : 'REGEXP'} CERTIFICATE,KEY[,CIPHERS[,CA]]`);
    return { host: key === 'sni' ? name.toLowerCase() : readPattern(name, what), identity };
  });
  const sniDirectory = config.options['sni-dir'];
  const ciphers = config.options['sni-dir-ciphers'];
  const asks = hosts.some(({ identity }) => identity.clientAuthority !== undefined);
  if (sniDirectory === undefined) return { hosts, asksClients: asks };
  const path = resolve(directory, sniDirectory);
  return {
    hosts,
    asksClients: asks || hasAuthorities(path),
    find: (host) => findIdentity(path, host, ciphers),
  };
}

function readPattern(pattern: string, what: string): RegExp {
  try {
    return new RegExp(pattern, 'i');
  } catch (error) {
    throw new StartError(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function hasAuthorities(directory: string): boolean {
  try {
    return readdirSync(directory).some((name) => name.endsWith('.ca'));
  } catch (error) {
    throw new StartError(`sni-dir = ${directory}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `HOST.crt`, `HOST.key` and, to ask clients for certificates, `HOST.ca`. */
function findIdentity(directory: string, host: string, ciphers: string | undefined): TlsIdentity | undefined {
  const certificate = join(directory, `${host}.crt`);
  if (statSync(certificate, { throwIfNoEntry: false }) === undefined) return undefined;
  const authority = join(directory, `${host}.ca`);
  const asks = statSync(authority, { throwIfNoEntry: false }) !== undefined;
  return {
    certificate,
    key: join(directory, `${host}.key`),
    ciphers,
    clientAuthority: asks ? authority : undefined,
    clientRequired: asks,
  };
}
