import type { Buffer } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';

import type { TlsIdentity } from './tls-identity.ts';

/** Ciphers of TLS 1.3, which a list written for uWSGI does not name: with that list alone Node would turn TLS 1.3 off. */
const TLS13_CIPHERS = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';
/** Forward secrecy and authenticated encryption, as every client of the last ten years has them. */
const TLS12_CIPHERS =
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305';

/** What is wrong with the files of an identity, as one sentence without its full stop. */
export class TlsFileError extends Error {}

/** A certificate with its key, read from its files and ready for handshakes. */
export class TlsContext {
  readonly identity: TlsIdentity;
  readonly options: SecureContextOptions;
  readonly secure: SecureContext;
  /** Changes when one of the files does. */
  readonly signature: string;

  /**
   * @param ticketKeys 48 bytes that encrypt session tickets: shared, so that sessions outlive a renewed certificate
   * @throws TlsFileError
   */
  constructor(identity: TlsIdentity, ticketKeys: Buffer) {
    this.identity = identity;
    this.signature = signatureOf(identity);
    const { certificate, key, clientAuthority, ciphers } = identity;
    this.options = {
      cert: readPem(certificate, 'certificate'),
      key: readPem(key, 'key'),
      ...(clientAuthority === undefined ? {} : { ca: readPem(clientAuthority, 'CA certificate') }),
      ciphers: `${TLS13_CIPHERS}:${ciphers ?? TLS12_CIPHERS}`,
      minVersion: 'TLSv1.2',
      ticketKeys,
    };
    this.secure = makeContext(this.options, identity);
  }
}

/** What can be seen of the files of an identity without reading them. */
export function signatureOf({ certificate, key, clientAuthority }: TlsIdentity): string {
  const files = clientAuthority === undefined ? [certificate, key] : [certificate, key, clientAuthority];
  return files
    .map((path) => {
      const found = statSync(path, { bigint: true, throwIfNoEntry: false });
      return found === undefined ? 'missing' : `${found.ino} ${found.size} ${found.mtimeNs}`;
    })
    .join(', ');
}

function readPem(path: string, role: string): Buffer {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    throw new TlsFileError(`cannot read the ${role} "${path}": ${reasonOf(error)}`, { cause: error });
  }
  if (content.includes('-----BEGIN ')) return content;
  throw new TlsFileError(`the ${role} "${path}" is not in PEM format (no line "-----BEGIN …-----")`);
}

function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'this user may not read it';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function makeContext(options: SecureContextOptions, identity: TlsIdentity): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    throw new TlsFileError(faultOf(error, options, identity), { cause: error });
  }
}

/** Which of the parts OpenSSL did not like: its own words name none. */
function faultOf(error: unknown, options: SecureContextOptions, identity: TlsIdentity): string {
  const { certificate, key, ciphers } = identity;
  switch (codeOf(error)) {
    case 'ERR_OSSL_X509_KEY_VALUES_MISMATCH':
    case 'ERR_OSSL_X509_KEY_TYPE_MISMATCH':
      return `the key "${key}" does not belong to the certificate "${certificate}"`;
    case 'ERR_SSL_NO_CIPHER_MATCH':
    case 'ERR_OSSL_SSL_NO_CIPHER_MATCH':
    case 'ERR_INVALID_ARG_VALUE':
      return `the cipher list "${ciphers ?? ''}" names no cipher that OpenSSL knows`;
    case 'ERR_MISSING_PASSPHRASE':
    case 'ERR_OSSL_BAD_DECRYPT':
      return `the key "${key}" is protected by a password: store it without one, readable for this user only`;
  }
  const detail = error instanceof Error ? error.message : String(error);
  if (!isMadeFrom({ cert: options.cert })) return `the certificate "${certificate}" cannot be used: ${detail}`;
  if (!isMadeFrom({ key: options.key })) return `the key "${key}" cannot be used: ${detail}`;
  return `the certificate "${certificate}" with the key "${key}" cannot be used: ${detail}`;
}

function isMadeFrom(options: SecureContextOptions): boolean {
  try {
    createSecureContext(options);
    return true;
  } catch {
    return false;
  }
}
