import type { Config } from '@emperor/config';
import type { Listener } from '@emperor/router';
import type {
  SocketAddress,
  TlsCertificates,
  TlsIdentities,
  TlsListener,
  TlsListenerSettings,
  TlsParts,
} from '@emperor/transport';

import { takesProxyProtocol } from './listeners.ts';
import type { SocketRequest } from './sockets.ts';
import { StartError } from './start-error.ts';
import { tlsHosts } from './tls-hosts.ts';

/** What TLS needs of the instance. */
export interface TlsContextOfInstance {
  /** Where relative names count from. */
  readonly directory: string;
  readonly log: (line: string) => void;
}

/** How one socket does TLS. */
export interface SocketTls {
  /** Which files and hosts its certificates stand for. */
  readonly signature: string;
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
 * @param before those of the configuration that is to be replaced
 * @throws StartError that names line and file
 */
export async function openTls(
  config: Config,
  requests: readonly SocketRequest[],
  context: TlsContextOfInstance,
  before: TlsOfSockets,
): Promise<TlsOfSockets> {
  if (!requests.some(({ identity }) => identity !== undefined)) return NONE;
  // Lazily: it takes megabytes that an instance without TLS must not pay for.
  const { loadTls } = await import('@emperor/transport');
  const parts = await loadTls();
  const hosts = tlsHosts(config, context.directory);
  const found = new Map<string, SocketTls>();
  for (const request of requests) {
    const { identity } = request;
    if (identity === undefined) continue;
    const asksClients = hosts.asksClients || identity.clientAuthority !== undefined;
    const identities = { ...hosts, main: identity, asksClients };
    const key = socketKey(request);
    const signature = signatureOf(identities, config);
    const former = before.get(key);
    const kept = former?.signature === signature ? former.settings.certificates : undefined;
    const certificates = readCertificates(identities, request.origin, parts, context.log, kept);
    found.set(key, { parts, signature, settings: { certificates, ...settingsOf(request, config, context.log) } });
  }
  return found;
}

/** Root may have read them at the start for a user that cannot: then they stay in force, as long as the configuration names the same. */
function readCertificates(
  identities: TlsIdentities,
  origin: string,
  { TlsCertificates, TlsFileError }: TlsParts,
  log: (line: string) => void,
  kept: TlsCertificates | undefined,
): TlsCertificates {
  try {
    return new TlsCertificates(identities, log);
  } catch (error) {
    if (!(error instanceof TlsFileError)) throw error;
    const isForbidden = (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EACCES';
    if (!isForbidden || kept === undefined) throw new StartError(`${origin}: ${error.message}`);
    log(`${origin}: ${error.message}: what was read at the start stays in force`);
    return kept;
  }
}

function signatureOf({ main, hosts }: TlsIdentities, { options }: Config): string {
  const named = hosts.map(({ host, identity }) => [String(host), identity]);
  return JSON.stringify([main, named, options['sni-dir'], options['sni-dir-ciphers']]);
}

function settingsOf(
  { protocol }: SocketRequest,
  config: Config,
  log: (line: string) => void,
): Omit<SocketTls['settings'], 'certificates'> {
  const { options } = config;
  const seconds = options['http-headers-timeout'] > 0 ? options['http-headers-timeout'] : options['http-timeout'];
  return {
    handshakeTimeoutMs: seconds * 1000,
    handshakeFailed: options['ssl-verbose'] ? log : (): void => {},
    complain: log,
    clientChainLimit: config.originOf('ssl-verify-depth') === undefined ? undefined : options['ssl-verify-depth'],
    takesProxyProtocol: takesProxyProtocol(config, protocol),
    offersHttp2: options.http2,
  };
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
