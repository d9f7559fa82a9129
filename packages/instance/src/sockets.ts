import type { TimerWheel } from '@emperor/http';
import { closeDescriptor, type ListenOptions, listenTcp, listenUnix, localTcpName } from '@emperor/posix';
import { Listener, type ListenerSettings } from '@emperor/router';
import type { SocketAddress, StreamListener, TlsIdentity, TlsListener, Transport } from '@emperor/transport';

import { bindError } from './bind-error.ts';
import { heldDescriptor } from './held-socket.ts';
import { givePermissions, removeStaleFile, SocketFile, type SocketFilePermissions } from './socket-file.ts';
import { listenTls, reconfigureTls, type SocketTls } from './tls-sockets.ts';

/** A socket the configuration asks for. */
export interface SocketRequest extends SocketFilePermissions {
  readonly protocol: 'http' | 'http-to-https' | 'http-socket' | 'https' | 'https-socket' | 'uwsgi' | 'stats';
  /** The address as the user wrote it; with the protocol it identifies the socket over reloads. */
  readonly name: string;
  /** An address to bind, or a listening descriptor that was inherited (`fd://3`, systemd, `socket = 0` on demand). */
  readonly target: SocketAddress | { readonly kind: 'fd'; readonly fd: number };
  /** How it is opened. */
  readonly options: ListenOptions;
  /** The certificate of a TLS socket. */
  readonly identity?: TlsIdentity | undefined;
  /** Where it was asked for, such as `uwsgi.ini:4`. */
  readonly origin: string;
}

/** A socket that listens, and the server behind it. Both outlive generations: a reload only gives the server other settings. */
export class InstanceSocket {
  readonly request: SocketRequest;
  readonly descriptor: number;
  readonly port: number;
  readonly #file: SocketFile | undefined;
  #stream: StreamListener | undefined;
  #tlsListener: TlsListener | undefined;
  #listener: Listener | undefined;

  constructor(request: SocketRequest, descriptor: number, port: number) {
    this.request = request;
    this.descriptor = descriptor;
    this.port = port;
    const { target } = request;
    this.#file = target.kind === 'unix' && !target.path.startsWith('\0') ? new SocketFile(target.path) : undefined;
  }

  /** Path of the socket file; undefined for TCP and abstract sockets. */
  get filePath(): string | undefined {
    return this.#file?.path;
  }

  get connectionCount(): number {
    return this.#listener?.connectionCount ?? 0;
  }

  /** Begins to accept, or goes on with other settings. Connections made before wait in the kernel's queue. */
  serve(settings: ListenerSettings, wheel: TimerWheel, transport: Transport, tls?: SocketTls): void {
    if (this.#listener !== undefined) {
      if (tls !== undefined && this.#tlsListener !== undefined) reconfigureTls(tls, this.#tlsListener, this.#listener);
      this.#listener.reconfigure(settings);
      return;
    }
    const { target, options } = this.request;
    const address = target.kind === 'fd' ? this.#inheritedAddress : target;
    this.#listener = new Listener(settings, wheel);
    if (tls !== undefined) {
      this.#tlsListener = listenTls(tls, this.descriptor, address, this.#listener, options.backlog);
      this.#stream = this.#tlsListener;
    } else {
      this.#stream = transport.listen(this.descriptor, address, this.#listener.accept, options.backlog);
    }
  }

  /** TCP sockets that listen have a port. */
  get #inheritedAddress(): SocketAddress {
    const { name } = this.request;
    return this.port > 0 ? { kind: 'tcp', host: '', port: this.port } : { kind: 'unix', path: name };
  }

  /** No more connections are accepted. */
  close(): void {
    if (this.#stream === undefined) closeDescriptor(this.descriptor);
    else this.#stream.close();
  }

  /** Ends connections as they become idle. Resolves when none is left. */
  async drain(): Promise<void> {
    await this.#listener?.drain();
  }

  /** Cuts every connection. */
  destroy(): void {
    this.#listener?.destroy();
  }

  /** Removes the socket file, unless another instance has put its own in its place. @returns whether it was removed */
  removeFile(): boolean {
    return this.#file?.remove() ?? false;
  }
}

/** Opens what a configuration asks for. @throws StartError that says what is wrong with which address */
export function openSocket(request: SocketRequest): InstanceSocket {
  const { target, options } = request;
  const held = heldDescriptor(target, process.env);
  if (held !== undefined) return openSocket({ ...request, target: { kind: 'fd', fd: held } });
  try {
    switch (target.kind) {
      case 'fd':
        return new InstanceSocket(request, target.fd, localTcpName(target.fd).port);
      case 'tcp': {
        const socket = listenTcp(target.host, target.port, options);
        return new InstanceSocket(request, socket.descriptor, socket.port);
      }
      case 'unix': {
        removeStaleFile(request.origin, target.path);
        const socket = listenUnix(target.path, options);
        if (!target.path.startsWith('\0')) givePermissions(request, target.path);
        return new InstanceSocket(request, socket.descriptor, 0);
      }
      default:
        return target satisfies never;
    }
  } catch (error) {
    throw bindError({ ...request, option: request.protocol === 'uwsgi' ? 'socket' : request.protocol }, error);
  }
}
