import type { Config } from '@emperor/config';
import type { Listener } from '@emperor/router';
import type { SocketAddress, TlsListener, TlsListenerSettings, TlsParts } from '@emperor/transport';

import { takesProxyProtocol } from './listeners.ts';
import type { SocketRequest } from './sockets.ts';
import { StartError } from './start-error.ts';
import { type TlsHosts, tlsHosts } from './tls-hosts.ts';

/** What TLS needs of the instance. */
export interface TlsContextOfInstance {
  /** Where relative names count from. */
  readonly directory: string;
  readonly log: (line: string) => void;
}

/** How one socket does TLS. */
export interface SocketTls {
  readonly parts: TlsParts;
  readonly settings: Omit<TlsListenerSettings, 'acceptHttp2'> & { readonly offersHttp2: boolean };
}

/** TLS of the sockets of one configuration. */
export type TlsOfSockets = ReadonlyMap<string, SocketTls>;

const NONE: TlsOfSockets = new Map();

/** What identifies a socket over reloads. */
export function socketKey(request: Pick<SocketRequest, 'protocol' | 'name'>): string {
  return `${request.protocol} ${request.name}`;
}

/**
 * Reads the certificates of all sockets that have some.
 * @throws StartError that names line and file
 */
export async function openTls(
  config: Config,
  requests: readonly SocketRequest[],
  context: TlsContextOfInstance,
): Promise<TlsOfSockets> {
  if (!requests.some(({ identity }) => identity !== undefined)) return NONE;
  // Lazily: it takes megabytes that an instance without TLS must not pay for.
  const { loadTls } = await import('@emperor/transport');
  const parts = await loadTls();
  const hosts = tlsHosts(config, context.directory);
  const found = new Map<string, SocketTls>();
  for (const request of requests) {
    const settings = settingsOf(request, config, hosts, parts, context.log);
    if (settings !== undefined) found.set(socketKey(request), { parts, settings });
  }
  return found;
}

function settingsOf(
  { identity, origin, protocol }: SocketRequest,
  config: Config,
  hosts: TlsHosts,
  { TlsCertificates, TlsFileError }: TlsParts,
  log: (line: string) => void,
): SocketTls['settings'] | undefined {
  if (identity === undefined) return undefined;
  const { options } = config;
  const seconds = options['http-headers-timeout'] > 0 ? options['http-headers-timeout'] : options['http-timeout'];
  try {
    const asksClients = hosts.asksClients || identity.clientAuthority !== undefined;
    return {
      certificates: new TlsCertificates({ ...hosts, main: identity, asksClients }, log),
      handshakeTimeoutMs: seconds * 1000,
      handshakeFailed: options['ssl-verbose'] ? log : (): void => {},
      complain: log,
      clientChainLimit: config.originOf('ssl-verify-depth') === undefined ? undefined : options['ssl-verify-depth'],
      takesProxyProtocol: takesProxyProtocol(config, protocol),
      offersHttp2: options.http2,
    };
  } catch (error) {
    if (error instanceof TlsFileError) throw new StartError(`${origin}: ${error.message}`);
    throw error;
  }
}

/** Begins to accept with TLS. */
export function listenTls(
  { parts, settings }: SocketTls,
  descriptor: number,
  address: SocketAddress,
  listener: Listener,
  backlog: number | undefined,
): TlsListener {
  return new parts.TlsListener(descriptor, address, completed(settings, listener), listener.accept, backlog);
}

/** Goes on with the certificates of another configuration. */
export function reconfigureTls({ settings }: SocketTls, tlsListener: TlsListener, listener: Listener): void {
  tlsListener.reconfigure(completed(settings, listener));
}

function completed({ offersHttp2, ...settings }: SocketTls['settings'], listener: Listener): TlsListenerSettings {
  return { ...settings, acceptHttp2: offersHttp2 ? listener.acceptHttp2 : undefined };
}
