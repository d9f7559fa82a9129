import { Buffer } from 'node:buffer';
import type net from 'node:net';

import { setResetOnClose } from '@emperor/posix';

import { HeldBytes } from './held-bytes.ts';
import { NodeFileSender } from './node-file-sender.ts';
import type { Stream, StreamHandler } from './transport.ts';

/** IPv4 clients of a dual-stack socket are shown as what they are. */
const MAPPED_IPV4 = '::ffff:';
/** Pieces written while corked are handed to Node from this size on. */
const HELD_BYTES = 65_536;
/** Up to this size a copy of its own costs less than to be told when it is sent. */
const SMALL_BYTES = 2048;

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
  /** Copies of what was written and Node has not been given. */
  #held: HeldBytes[] = [];
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
    const socket = this.#socket;
    if (this.#file !== undefined) return this.#writeBehind(this.#file, chunk);
    if (socket.destroyed || socket.writableEnded) return false;
    this.#hold(chunk);
    if (this.#corks === 0 || this.#heldBytes >= HELD_BYTES) this.#writeHeld();
    return !socket.writableNeedDrain && !socket.destroyed;
  }

  #writeBehind(file: FileInProgress, chunk: Uint8Array | string): boolean {
    const owned = typeof chunk === 'string' ? chunk : Buffer.from(chunk);
    file.bytes += owned.length;
    file.behind.push(() => this.write(owned));
    this.#owesDrain = true;
    return false;
  }

  /** Node keeps what it is given until it is sent: it is given a copy. */
  #hold(chunk: Uint8Array | string): void {
    this.#heldBytes += chunk.length;
    for (let at = 0; at < chunk.length;) {
      let tail = this.#held.at(-1);
      if (tail?.hasRoom !== true) this.#held.push((tail = new HeldBytes()));
      at += tail.add(chunk, at);
    }
  }

  #writeHeld(): void {
    const socket = this.#socket;
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    if (held.length > 1) socket.cork();
    for (const bytes of held) {
      if (bytes.length <= SMALL_BYTES) {
        socket.write(Buffer.from(bytes.view));
        bytes.release();
      } else {
        bytes.shrink();
        socket.write(bytes.view, () => bytes.release());
      }
    }
    if (held.length > 1) socket.uncork();
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
