import type { ProxiedPeers } from '@emperor/protocol';
import type { Stream } from '@emperor/transport';

/** A connection as its client sees it, where a proxy in front has said who that is. */
export class ProxiedStream implements Stream {
  readonly #stream: Stream;
  readonly #peers: ProxiedPeers;

  constructor(stream: Stream, peers: ProxiedPeers) {
    this.#stream = stream;
    this.#peers = peers;
  }

  get remoteAddress(): string {
    return this.#peers.sourceAddress;
  }

  get remotePort(): number {
    return this.#peers.sourcePort;
  }

  get localAddress(): string {
    return this.#peers.destinationAddress;
  }

  get localPort(): number {
    return this.#peers.destinationPort;
  }

  get pendingBytes(): number {
    return this.#stream.pendingBytes;
  }

  get sentBytes(): number {
    return this.#stream.sentBytes;
  }

  write(chunk: Uint8Array | string): boolean {
    return this.#stream.write(chunk);
  }

  cork(): void {
    this.#stream.cork();
  }

  uncork(): void {
    this.#stream.uncork();
  }

  sendFile(descriptor: number, offset: number, length: number, onDone: (error?: Error) => void): void {
    this.#stream.sendFile(descriptor, offset, length, onDone);
  }

  end(): void {
    this.#stream.end();
  }

  close(): void {
    this.#stream.close();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }
}
