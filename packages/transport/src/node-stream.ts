import { Buffer } from 'node:buffer';
import type net from 'node:net';

import { setResetOnClose } from '@emperor/posix';

import { NodeFileSender } from './node-file-sender.ts';
import type { Stream, StreamHandler } from './transport.ts';

/** IPv4 clients of a dual-stack socket are shown as what they are. */
const MAPPED_IPV4 = '::ffff:';
/** Pieces written while corked are copied into one up to this size: cheaper than to have Node send several. */
const JOIN_BYTES = 65_536;

/** What Node's own code uses of a socket. */
interface SocketHandle {
  readonly fd: number;
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
}

/** A file on its way, and what is to be done when it has been sent. */
interface FileInProgress {
  readonly sender: NodeFileSender;
  readonly behind: (() => void)[];
  /** Bytes written behind it. */
  bytes: number;
}

/** A stream on top of `net.Socket`. */
export class NodeStream implements Stream {
  readonly #socket: net.Socket;
  readonly #handler: StreamHandler;
  #error: Error | undefined;
  #sentBytes = 0;
  #corks = 0;
  /** What was written while corked. */
  #held: (Uint8Array | string)[] = [];
  #heldBytes = 0;
  #file: FileInProgress | undefined;
  /** A `write` returned false although the socket had not said so. */
  #owesDrain = false;

  constructor(socket: net.Socket, makeHandler: (stream: Stream) => StreamHandler) {
    this.#socket = socket;
    this.#handler = makeHandler(this);
    const handler = this.#handler;
    // Never text: no encoding is set.
    socket.on('data', (chunk) => handler.onData(chunk as Buffer));
    socket.on('end', () => handler.onEnd());
    socket.on('drain', () => {
      if (this.#file === undefined) handler.onDrain();
    });
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('close', () => handler.onClose(this.#error));
    if (handler.onConnect !== undefined) socket.on('connect', () => handler.onConnect?.());
  }

  // ---- what it is

  get remoteAddress(): string {
    const address = this.#socket.remoteAddress ?? '';
    return address.startsWith(MAPPED_IPV4) ? address.slice(MAPPED_IPV4.length) : address;
  }

  get remotePort(): number {
    return this.#socket.remotePort ?? 0;
  }

  get localAddress(): string {
    return this.#socket.localAddress ?? '';
  }

  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  get pendingBytes(): number {
    const ofFile = this.#file === undefined ? 0 : this.#file.sender.remaining + this.#file.bytes;
    return this.#socket.writableLength + this.#heldBytes + ofFile;
  }

  get sentBytes(): number {
    // Node counts a write only once all of it is sent; the handle knows more (as net.Socket's own time-out does).
    const handle = this.#handle;
    if (handle !== undefined) this.#sentBytes = handle.bytesWritten - handle.writeQueueSize;
    return this.#sentBytes;
  }

  /** Undefined when the socket is closed. */
  get #handle(): SocketHandle | undefined {
    return (this.#socket as { _handle?: SocketHandle | null })._handle ?? undefined;
  }

  // ---- sending

  write(chunk: Uint8Array | string): boolean {
    if (this.#file !== undefined) return this.#writeBehind(this.#file, chunk);
    if (this.#corks === 0) return this.#writeNow(chunk);
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= JOIN_BYTES) this.#writeHeld();
    return !this.#socket.writableNeedDrain && !this.#socket.destroyed;
  }

  #writeNow(chunk: Uint8Array | string): boolean {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) return false;
    return typeof chunk === 'string' ? socket.write(chunk, 'latin1') : socket.write(chunk);
  }

  #writeBehind(file: FileInProgress, chunk: Uint8Array | string): boolean {
    file.bytes += chunk.length;
    file.behind.push(() => this.write(chunk));
    this.#owesDrain = true;
    return false;
  }

  /** Sends what was written while corked. */
  #writeHeld(): void {
    const held = this.#held;
    const bytes = this.#heldBytes;
    this.#held = [];
    this.#heldBytes = 0;
    if (held.length > 1 && bytes <= JOIN_BYTES) {
      this.#writeNow(join(held, bytes));
      return;
    }
    this.#socket.cork();
    for (const chunk of held) this.#writeNow(chunk);
    this.#socket.uncork();
  }

  cork(): void {
    this.#corks++;
  }

  uncork(): void {
    if (--this.#corks === 0 && this.#heldBytes > 0) this.#writeHeld();
  }

  sendFile(descriptor: number, offset: number, length: number, onDone: (error?: Error) => void): void {
    const socket = this.#socket;
    if (this.#file !== undefined) {
      this.#file.bytes += length;
      this.#file.behind.push(() => this.sendFile(descriptor, offset, length, onDone));
    } else if (socket.destroyed || socket.writableEnded) {
      setImmediate(onDone, new Error('the connection was closed'));
    } else {
      if (this.#heldBytes > 0) this.#writeHeld();
      const sender = new NodeFileSender(socket, descriptor, offset, length, (error) => this.#fileSent(error, onDone));
      this.#file = { sender, behind: [], bytes: 0 };
    }
  }

  #fileSent(error: Error | undefined, onDone: (error?: Error) => void): void {
    const waiting = this.#file?.behind ?? [];
    this.#file = undefined;
    for (const action of waiting) action();
    onDone(error);
    if (!this.#owesDrain || this.#file !== undefined || this.#socket.destroyed) return;
    this.#owesDrain = false;
    if (!this.#socket.writableNeedDrain) this.#handler.onDrain();
  }

  // ---- the end

  end(): void {
    if (this.#file !== undefined) {
      this.#file.behind.push(() => this.end());
      return;
    }
    if (this.#heldBytes > 0) this.#writeHeld();
    this.#socket.end();
  }

  close(): void {
    if (this.#file !== undefined) {
      this.#file.behind.push(() => this.close());
      return;
    }
    if (this.#heldBytes > 0) this.#writeHeld();
    this.#socket.removeAllListeners('data').removeAllListeners('end');
    this.#socket.destroySoon();
  }

  destroy(): void {
    const socket = this.#socket;
    if (socket.remoteAddress === undefined || socket.destroyed) {
      socket.destroy();
    } else if (!socket.writableEnded) {
      socket.resetAndDestroy();
    } else {
      // Node cannot reset a socket whose shutdown is under way: it would leave it open for ever.
      const { fd } = this.#handle ?? {};
      if (fd !== undefined && fd >= 0) setResetOnClose(fd);
      socket.destroy();
    }
  }

  // ---- receiving

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }
}

function join(chunks: readonly (Uint8Array | string)[], bytes: number): Buffer {
  const joined = Buffer.allocUnsafe(bytes);
  let offset = 0;
  for (const chunk of chunks) {
    if (typeof chunk === 'string') joined.write(chunk, offset, 'latin1');
    else joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}
