import type { Server as NetServer } from 'node:net';
import type { DetailedPeerCertificate, PeerCertificate, Server, TLSSocket } from 'node:tls';
import { createServer } from 'node:tls';

import { systemBacklogLimit } from '@emperor/posix';

import { AnnouncedSockets } from './announced-sockets.ts';
import { formatAddress } from './format-address.ts';
import type { TlsCertificates } from './tls-certificates.ts';
import { TlsStream } from './tls-stream.ts';
import type { AcceptHandler, ClientCertificate, SocketAddress, StreamListener } from './transport.ts';

/** The name of HTTP/2 in the handshake (RFC 9113 section 3.2). */
const HTTP2 = 'h2';
const HTTP1 = 'http/1.1';

export interface TlsListenerSettings {
  readonly certificates: TlsCertificates;
  readonly handshakeTimeoutMs: number;
  /** Connections may begin with a header of the PROXY protocol, in front of TLS. Decided when the socket opens. */
  readonly takesProxyProtocol?: boolean;
  /** Intermediate certificates that a client's may have between itself and the authority; undefined for as many as it likes. */
  readonly clientChainLimit?: number | undefined;
  /** Takes connections whose client chose HTTP/2; without it HTTP/2 is not offered. */
  readonly acceptHttp2:
    | ((socket: TLSSocket, clientCertificate: ClientCertificate | undefined) => Promise<void>)
    | undefined;
  /** A handshake that failed: of interest to who asks for it, since any scanner causes it. */
  readonly handshakeFailed: (message: string) => void;
  readonly complain: (message: string) => void;
}

/** Accepts on a descriptor that is bound and listening, and hands connections on once their handshake is done. */
export class TlsListener implements StreamListener {
  readonly address: SocketAddress;
  readonly #server: Server;
  readonly #announced: AnnouncedSockets | undefined;
  /** What listens: the server of TLS itself, or one in front of it. */
  readonly #entrance: NetServer;
  #settings: TlsListenerSettings;

  constructor(
    descriptor: number,
    address: SocketAddress,
    settings: TlsListenerSettings,
    accept: AcceptHandler,
    backlog: number = systemBacklogLimit(),
  ) {
    this.address = address;
    this.#settings = settings;
    const { certificates, handshakeTimeoutMs, takesProxyProtocol, complain } = settings;
    const server = createServer({
      ...certificates.mainOptions,
      // Sockets that are half-closed by the client can still be answered; small answers leave at once.
      allowHalfOpen: true,
      noDelay: address.kind === 'tcp',
      handshakeTimeout: handshakeTimeoutMs,
      ALPNCallback: ({ protocols }) => this.#offered().find((protocol) => protocols.includes(protocol)),
      requestCert: certificates.asksClients,
      // Decided in `#admit`: who is turned away depends on the host that was asked for.
      rejectUnauthorized: false,
      SNICallback: (host, done) => done(null, this.#settings.certificates.contextFor(host)),
    });
    server.on('secureConnection', (socket) => this.#admit(socket, accept));
    server.on('tlsClientError', (error, socket) => {
      this.#settings.handshakeFailed(
        `TLS handshake with ${socket.remoteAddress ?? 'a client'} failed: ${reasonOf(error)}`,
      );
    });
    if (takesProxyProtocol === true) {
      const isTcp = address.kind === 'tcp';
      this.#announced = new AnnouncedSockets({ isTcp, timeoutMs: handshakeTimeoutMs, complain }, (socket) => {
        server.emit('connection', socket);
      });
    }
    this.#server = server;
    this.#entrance = this.#announced?.createServer() ?? server;
    this.#entrance.on('error', (error) => {
      this.#settings.complain(`accepting on ${formatAddress(address)}: ${error.message}`);
    });
    this.#entrance.listen({ fd: descriptor, backlog });
    this.#follow(certificates);
  }

  #offered(): string[] {
    return this.#settings.acceptHttp2 === undefined ? [HTTP1] : [HTTP2, HTTP1];
  }

  /** From now on handshakes go by these settings; whether clients are asked for certificates stays. */
  reconfigure(settings: TlsListenerSettings): void {
    const before = this.#settings.certificates;
    this.#settings = settings;
    if (before === settings.certificates) return;
    before.close();
    this.#server.setSecureContext(settings.certificates.mainOptions);
    this.#follow(settings.certificates);
  }

  #follow(certificates: TlsCertificates): void {
    certificates.onMainRenewed = (options): void => this.#server.setSecureContext(options);
    certificates.watch();
  }

  #admit(socket: TLSSocket, accept: AcceptHandler): void {
    const { certificates, handshakeFailed, acceptHttp2 } = this.#settings;
    this.#announced?.reveal(socket);
    const { clientAuthority, clientRequired } = certificates.identityFor(nameOf(socket));
    const shown = clientAuthority === undefined ? undefined : socket.getPeerCertificate();
    const hasShown = shown !== undefined && Object.keys(shown).length > 0;
    const fault = clientAuthority === undefined ? undefined : this.#faultOf(socket, hasShown, clientRequired);
    if (fault !== undefined) {
      handshakeFailed(`TLS connection of ${socket.remoteAddress ?? 'a client'} closed: ${fault}`);
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    const certificate = hasShown ? describe(shown) : undefined;
    if (socket.alpnProtocol === HTTP2 && acceptHttp2 !== undefined) void acceptHttp2(socket, certificate);
    else void new TlsStream(socket, (stream) => accept(stream, certificate));
  }

  /** Why a client is turned away. */
  #faultOf(socket: TLSSocket, hasShown: boolean, required: boolean): string | undefined {
    if (!hasShown) return required ? 'it has shown no certificate' : undefined;
    if (!socket.authorized) return `its certificate is not accepted: ${String(socket.authorizationError)}`;
    const limit = this.#settings.clientChainLimit;
    if (limit === undefined || intermediatesOf(socket.getPeerCertificate(true)) <= limit) return undefined;
    return `its certificate has more than ${limit} others between itself and the authority (option ssl-verify-depth)`;
  }

  close(): void {
    this.#settings.certificates.close();
    this.#entrance.close();
  }
}

/** Certificates between that of a client and the one that signed itself. */
function intermediatesOf(certificate: DetailedPeerCertificate): number {
  let count = -1;
  for (
    let at = certificate;
    at.issuerCertificate !== undefined && at.issuerCertificate !== at;
    at = at.issuerCertificate
  )
    count++;
  return Math.max(count, 0);
}

/** The host the client asked for. */
function nameOf(socket: TLSSocket): string | undefined {
  const { servername } = socket as { servername?: unknown };
  return typeof servername === 'string' ? servername : undefined;
}

/** OpenSSL's own words, without where in its code they were found. */
function reasonOf(error: Error): string {
  return 'reason' in error && typeof error.reason === 'string' ? error.reason : (error.message.split('\n')[0] ?? '');
}

const PEM_LINE = /.{1,64}/g;

function describe({ subject, raw }: PeerCertificate): ClientCertificate {
  const lines = raw.toString('base64').match(PEM_LINE) ?? [];
  return {
    subject: Object.entries(subject)
      .flatMap(([name, value]) => [value].flat().map((one) => `/${name}=${String(one)}`))
      .join(''),
    pem: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}
