export { createTransport, type TransportKind } from './create-transport.ts';
export { DatagramListener } from './datagram-listener.ts';
export { formatAddress } from './format-address.ts';
export { NodeTransport } from './node-transport.ts';
export type * from './transport.ts';
export type { TlsCertificates } from './tls-certificates.ts';
export type { HostIdentity, TlsIdentities, TlsIdentity } from './tls-identity.ts';
export type { TlsListener, TlsListenerSettings } from './tls-listener.ts';
export { loadTls, type TlsParts } from './tls-loader.ts';
