import type { TlsCertificates } from './tls-certificates.ts';
import type { TlsFileError } from './tls-context.ts';
import type { TlsListener } from './tls-listener.ts';

/** What stands on `node:tls`. */
export interface TlsParts {
  readonly TlsListener: typeof TlsListener;
  readonly TlsCertificates: typeof TlsCertificates;
  readonly TlsFileError: typeof TlsFileError;
}

/** Loads TLS, which costs megabytes: only for who asks for it (DESIGN section 4.3). */
export async function loadTls(): Promise<TlsParts> {
  const [listener, certificates, context] = await Promise.all([
    import('./tls-listener.ts'),
    import('./tls-certificates.ts'),
    import('./tls-context.ts'),
  ]);
  return {
    TlsListener: listener.TlsListener,
    TlsCertificates: certificates.TlsCertificates,
    TlsFileError: context.TlsFileError,
  };
}
