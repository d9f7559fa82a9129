import { isDeepStrictEqual } from 'node:util';

import type { ConnectionWatch } from './connection-watch.ts';
import { HeldSocket } from './held-socket.ts';
import type { SocketWish } from './socket-wish.ts';

/** The listening socket that the emperor holds for one vassal, if any. */
export class VassalSocket {
  readonly #connections: () => ConnectionWatch;
  #wish: SocketWish | undefined;
  #held: HeldSocket | undefined;
  #isWatched = false;

  constructor(wish: SocketWish | undefined, connections: () => ConnectionWatch) {
    this.#wish = wish;
    this.#connections = connections;
  }

  get address(): string | undefined {
    return this.#wish?.address;
  }

  isFor(wish: SocketWish | undefined): boolean {
    return isDeepStrictEqual(wish, this.#wish);
  }

  /** Opens it, unless it is open or none is wished for. @throws Error with a sentence */
  open(): HeldSocket | undefined {
    if (this.#wish !== undefined) this.#held ??= HeldSocket.open(this.#wish.address);
    return this.#held;
  }

  /** Calls back at the first connection. It must be open. */
  watch(onConnection: () => void): void {
    if (this.#held === undefined) return;
    this.#isWatched = true;
    this.#connections().watch(this.#held.descriptor, () => {
      this.#isWatched = false;
      onConnection();
    });
  }

  ignore(): void {
    if (this.#isWatched && this.#held !== undefined) this.#connections().forget(this.#held.descriptor);
    this.#isWatched = false;
  }

  /** From now on it is to be another one. */
  replace(wish: SocketWish | undefined): void {
    this.close();
    this.#wish = wish;
  }

  close(): void {
    this.ignore();
    this.#held?.close();
    this.#held = undefined;
  }
}
