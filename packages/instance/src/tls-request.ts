import { resolve } from 'node:path';

import type { TlsIdentity } from '@emperor/transport';

/** What an option such as `https` says: where to listen, and with which certificate. */
export interface TlsRequest {
  /** The address as it is written, for `parseAddress`. */
  readonly address: string;
  readonly identity: TlsIdentity;
}

/**
 * Reads `ADDRESS,CERTIFICATE,KEY[,CIPHERS[,CA]]`; relative names count from `directory`. A `!` in front of the CA turns clients away that
 * have no certificate.
 * @returns undefined when a part is missing
 */
export function parseHttps(value: string, directory: string): TlsRequest | undefined {
  const [address = '', ...files] = value.split(',');
  const identity = identityFrom(files, directory);
  return address === '' || identity === undefined ? undefined : { address, identity };
}

/** Reads `CERTIFICATE,KEY[,CIPHERS[,CA]]`. @returns undefined when a part is missing */
export function parseIdentity(value: string, directory: string): TlsIdentity | undefined {
  return identityFrom(value.split(','), directory);
}

/** Reads `addr=…,cert=…,key=…[,ciphers=…][,client_ca=…]` (`https2`). @returns undefined when a part is missing */
export function parseHttps2(value: string, directory: string): TlsRequest | undefined {
  const parts = new Map(
    value.split(',').map((part) => {
      const mark = part.indexOf('=');
      return mark < 0 ? [part, ''] : [part.slice(0, mark), part.slice(mark + 1)];
    }),
  );
  const files = ['cert', 'key', 'ciphers', 'client_ca'].map((name) => parts.get(name) ?? '');
  const address = parts.get('addr') ?? '';
  const identity = identityFrom(files, directory);
  return address === '' || identity === undefined ? undefined : { address, identity };
}

function identityFrom(parts: readonly string[], directory: string): TlsIdentity | undefined {
  const [certificate = '', key = '', ciphers = '', authority = ''] = parts.map((part) => part.trim());
  if (certificate === '' || key === '') return undefined;
  const clientRequired = authority.startsWith('!');
  const file = clientRequired ? authority.slice(1) : authority;
  return {
    certificate: resolve(directory, certificate),
    key: resolve(directory, key),
    ciphers: ciphers === '' ? undefined : ciphers,
    clientAuthority: file === '' ? undefined : resolve(directory, file),
    clientRequired,
  };
}
