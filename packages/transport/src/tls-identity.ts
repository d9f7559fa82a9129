/** A certificate and what belongs to it, as files. */
export interface TlsIdentity {
  /** Absolute paths of PEM files; the certificate's has the chain up to the root behind it. */
  readonly certificate: string;
  readonly key: string;
  /** OpenSSL's notation, for TLS 1.2; undefined for our choice. */
  readonly ciphers: string | undefined;
  /** PEM file of those who sign client certificates; undefined asks for none. */
  readonly clientAuthority: string | undefined;
  /** A client without a certificate is turned away. */
  readonly clientRequired: boolean;
}

/** Which identity a client gets that asks for a host name. */
export interface HostIdentity {
  /** A host name in lower case, or what it must match. */
  readonly host: string | RegExp;
  readonly identity: TlsIdentity;
}

/** All identities of one listener. */
export interface TlsIdentities {
  /** For clients that name no host, or one that has no identity of its own. */
  readonly main: TlsIdentity;
  readonly hosts: readonly HostIdentity[];
  /** Clients are asked for a certificate: some identity has a `clientAuthority`. */
  readonly asksClients: boolean;
  /** Looks for an identity where `hosts` has none, such as in a directory; the host is in lower case and has no slash. */
  readonly find?: ((host: string) => TlsIdentity | undefined) | undefined;
}
