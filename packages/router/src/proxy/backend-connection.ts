import type { Buffer } from 'node:buffer';

import type { Stream, StreamHandler } from '@emperor/transport';

import type { Backend } from './backend.ts';

/** Who sends a request on a connection and awaits the answer. */
export interface ConnectionUser {
  onConnected(): void;
  /** Bytes arrived; valid only during the call. */
  onBytes(chunk: Buffer): void;
  /** The backend will send no more. */
  onBackendEnd(): void;
  /** After `send` returned false: more can be written. */
  onWritable(): void;
  /** The connection is gone, or was never made; no call follows. */
  onGone(error?: Error): void;
}

/** Where a connection goes when it is not used. */
export interface ConnectionKeeper {
  /** An unused connection is gone. */
  forget(connection: BackendConnection): void;
}

/** One connection to a backend, used by one request after the other. */
export class BackendConnection implements StreamHandler {
  readonly backend: Backend;
  /** It has carried a request before: the backend may have closed it in the meantime. */
  reused = false;
  connected = false;
  /** `performance.now()` time up to which it may be used again. */
  usableUntilMs = 0;
  readonly #keeper: ConnectionKeeper;
  #stream: Stream | undefined;
  #user: ConnectionUser | undefined;
  #paused = false;

  constructor(backend: Backend, keeper: ConnectionKeeper, user: ConnectionUser) {
    this.backend = backend;
    this.#keeper = keeper;
    this.#user = user;
  }

  /** Right after it was made: the stream that calls back here. */
  attach(stream: Stream): void {
    this.#stream = stream;
  }

  use(user: ConnectionUser): void {
    this.#user = user;
    this.reused = true;
  }

  /** Its request is over, and the connection is as new. */
  rest(): void {
    this.#user = undefined;
    this.resume();
  }

  /** @returns false when the user should wait for `onWritable` */
  send(bytes: Uint8Array | string): boolean {
    return this.#stream?.write(bytes) ?? true;
  }

  cork(): void {
    this.#stream?.cork();
  }

  uncork(): void {
    this.#stream?.uncork();
  }

  /** Stops the backend's bytes (back-pressure). */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#stream?.resume();
  }

  /** Half-closes: the backend is told that no more will come. */
  end(): void {
    this.#stream?.end();
  }

  /** Gives it up in order; its user hears no more of it. */
  close(): void {
    this.#user = undefined;
    this.#stream?.close();
  }

  /** Cuts it: the backend shall see that nobody waits for its answer. */
  destroy(): void {
    this.#user = undefined;
    this.#stream?.destroy();
  }

  // ---- from the transport

  onConnect(): void {
    this.connected = true;
    this.#user?.onConnected();
  }

  onData(chunk: Buffer): void {
    // What comes while nothing is asked for is a farewell, or belongs to nothing.
    if (this.#user === undefined) this.#leave();
    else this.#user.onBytes(chunk);
  }

  onEnd(): void {
    if (this.#user === undefined) this.#leave();
    else this.#user.onBackendEnd();
  }

  onDrain(): void {
    this.#user?.onWritable();
  }

  onClose(error?: Error): void {
    const user = this.#user;
    this.#user = undefined;
    if (user === undefined) this.#keeper.forget(this);
    else user.onGone(error);
  }

  #leave(): void {
    this.#keeper.forget(this);
    this.#stream?.close();
  }
}
