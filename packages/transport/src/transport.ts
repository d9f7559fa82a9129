import type { Buffer } from 'node:buffer';

/** Where a listener is bound, a backend is reached, or a peer sits. `path` of an abstract UNIX socket begins with a NUL. */
export type SocketAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/**
 * What happens on one byte stream. Set once, when the stream is accepted, connected or adopted.
 * Every method is called from the event loop, never from inside a call on the same stream.
 */
export interface StreamHandler {
  /** The stream can be written to. Only for streams made by `connect`. */
  onConnect?(): void;
  /** Bytes arrived. The buffer belongs to the transport and is valid only during the call: copy what must stay. */
  onData(chunk: Buffer): void;
  /** The peer will send no more (half-close). Writing may still be possible. */
  onEnd(): void;
  /** After a `write` returned false: the backlog has been sent. */
  onDrain(): void;
  /** The stream is gone; no call follows. `error` when it did not end in order (reset, refused, time-out). */
  onClose(error?: Error): void;
}

/** One byte stream (TCP or UNIX). The HTTP engine, the uwsgi listener, upstream clients and the worker channel speak only to this. */
export interface Stream {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** Bytes accepted by `write` and not yet taken by the kernel. */
  readonly pendingBytes: number;
  /** Bytes the kernel has taken so far; stands still while the peer takes nothing. */
  readonly sentBytes: number;
  /**
   * Sends bytes in order; never blocks. A string is sent as latin-1.
   * The bytes are the caller's again behind the call: what the kernel does not take at once is copied.
   * @returns false when the caller should stop until `onDrain` (back-pressure), or for good because the stream is closed or ended
   */
  write(chunk: Uint8Array | string): boolean;
  /** Collects the writes that follow until `uncork`, to send them in one system call. May be nested. */
  cork(): void;
  uncork(): void;
  /**
   * Sends a part of a file, in order with what is written before and after. The descriptor must stay open until `onDone`.
   * @param onDone called once, when the kernel has taken all of it, or with the error: the file is shorter, cannot be read, or the
   * stream has closed before
   */
  sendFile(descriptor: number, offset: number, length: number, onDone: (error?: Error) => void): void;
  /** Sends what is pending, then half-closes. The stream closes when both sides have ended. */
  end(): void;
  /** Receives no more; sends what is pending, then closes without waiting for the peer. `onClose` follows. */
  close(): void;
  /** Cuts now: what is pending is dropped, and the peer of a TCP connection sees a reset. `onClose` follows. */
  destroy(): void;
  /**
   * Says that the peer is expected to send nothing more, from inside the first `onData`: what it does nevertheless may be told a moment
   * late, so that a connection for one request costs less.
   */
  expectNothing?(): void;
  /** Stops `onData` until `resume` (back-pressure towards the peer). */
  pause(): void;
  resume(): void;
}

/** An open listening socket that hands its connections to `accept`. */
export interface StreamListener {
  readonly address: SocketAddress;
  /** Stops accepting for good. The descriptor is closed unless it was inherited by others. */
  close(): void;
}

/** What a TLS client has shown to prove who it is. */
export interface ClientCertificate {
  /** As OpenSSL writes it in one line: `/CN=alice/O=Example`. */
  readonly subject: string;
  readonly pem: string;
}

/** Called for every accepted connection; returns what is to happen on it. */
export type AcceptHandler = (stream: Stream, clientCertificate?: ClientCertificate) => StreamHandler;

export interface TransportSettings {
  /** A line for the log about something no stream can be told of, such as a connection that could not be accepted. Default: a process warning. */
  readonly complain?: (message: string) => void;
}

/** Something to be done soon, outside of the calls being made now. */
export interface Task {
  run(): void;
}

/** How byte streams are made. Implementations: node (net) and epoll (Linux). */
export interface Transport {
  /** Accepts on a descriptor that is already bound and listening. `backlog`: connections the kernel queues, by default what it allows. */
  listen(descriptor: number, address: SocketAddress, accept: AcceptHandler, backlog?: number): StreamListener;
  /** Connects; `handler.onConnect` or `handler.onClose(error)` tells the outcome. */
  connect(address: SocketAddress, handler: StreamHandler): Stream;
  /** Takes over a connected descriptor, such as one end of a socket pair. */
  adopt(descriptor: number, handler: StreamHandler): Stream;
  /** Runs the task when everything that has happened by now has been handled, and before the process waits for more. */
  soon(task: Task): void;
}
