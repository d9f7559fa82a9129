import { Buffer } from 'node:buffer';
import { createServer, type Server, type Socket } from 'node:net';

import { decodeProxyHeader, type ProxiedPeers, ProxyProtocolError } from '@emperor/protocol';

/** A TLS socket shows the socket it is made of only here. */
type WrappingSocket = Socket & { readonly _parent?: Socket };

export interface AnnouncedSocketsSettings {
  readonly isTcp: boolean;
  /** How long a connection may take to say who its client is. */
  readonly timeoutMs: number;
  readonly complain: (message: string) => void;
}

/**
 * Accepts connections that may begin with a header of the PROXY protocol, in clear text in front of what follows (TLS), and says
 * afterwards whom it named. Connections without one are taken as they are, as uWSGI does.
 */
export class AnnouncedSockets {
  readonly #settings: AnnouncedSocketsSettings;
  readonly #proceed: (socket: Socket) => void;
  readonly #peers = new WeakMap<Socket, ProxiedPeers>();

  /** @param proceed takes a connection with what comes behind the header */
  constructor(settings: AnnouncedSocketsSettings, proceed: (socket: Socket) => void) {
    this.#settings = settings;
    this.#proceed = proceed;
  }

  /** To be told where to listen. */
  createServer(): Server {
    return createServer({ allowHalfOpen: true, noDelay: this.#settings.isTcp }, (socket) => {
      void new HeaderReader(socket, this.#settings, (peers) => {
        if (peers !== undefined) this.#peers.set(socket, peers);
        this.#proceed(socket);
      });
    });
  }

  /** Has a socket that was made of one of these show the client that the proxy named. */
  reveal(socket: WrappingSocket): void {
    const peers = socket._parent === undefined ? undefined : this.#peers.get(socket._parent);
    if (peers === undefined) return;
    const { sourceAddress, sourcePort } = peers;
    Object.defineProperties(socket, { remoteAddress: { value: sourceAddress }, remotePort: { value: sourcePort } });
  }
}

/** Takes the header off the beginning of one connection. */
class HeaderReader {
  readonly #socket: Socket;
  readonly #complain: (message: string) => void;
  readonly #done: (peers: ProxiedPeers | undefined) => void;
  readonly #timer: NodeJS.Timeout;
  #input: Buffer = Buffer.alloc(0);

  constructor(socket: Socket, settings: AnnouncedSocketsSettings, done: (peers: ProxiedPeers | undefined) => void) {
    this.#socket = socket;
    this.#complain = settings.complain;
    this.#done = done;
    this.#timer = setTimeout(() => this.#refuse('nothing came'), settings.timeoutMs);
    socket.on('error', this.#stop);
    socket.on('close', this.#stop);
    socket.on('readable', this.#read);
  }

  readonly #read = (): void => {
    const chunk = this.#socket.read() as Buffer | null;
    if (chunk !== null) this.#input = Buffer.concat([this.#input, chunk]);
    try {
      const header = decodeProxyHeader(this.#input);
      if (header === 'incomplete') return;
      if (header === 'absent') this.#finish(0, undefined);
      else this.#finish(header.bytes, header.peers);
    } catch (error) {
      if (!(error instanceof ProxyProtocolError)) throw error;
      this.#refuse(`a broken header of the PROXY protocol: ${error.message}`);
    }
  };

  #finish(bytes: number, peers: ProxiedPeers | undefined): void {
    this.#stop();
    const rest = this.#input.subarray(bytes);
    if (rest.length > 0) this.#socket.unshift(rest);
    this.#done(peers);
  }

  #refuse(reason: string): void {
    this.#stop();
    this.#complain(`refused a connection from ${this.#socket.remoteAddress ?? 'a client'}: ${reason}`);
    this.#socket.destroy();
  }

  readonly #stop = (): void => {
    clearTimeout(this.#timer);
    this.#socket.off('readable', this.#read);
  };
}
