import { isDeepStrictEqual } from 'node:util';

import type { ConnectionWatch } from './connection-watch.ts';
import type { HeldSocket } from './held-socket.ts';
import type { SocketStore } from './socket-store.ts';
import type { SocketWish } from './socket-wish.ts';

/** The listening socket that the emperor holds for one vassal, if any. */
export class VassalSocket {
  readonly #store: SocketStore;
  readonly #connections: () => ConnectionWatch;
  #wish: SocketWish | undefined;
  #held: HeldSocket | undefined;
  #isWatched = false;

  constructor(wish: SocketWish | undefined, store: SocketStore, connections: () => ConnectionWatch) {
    this.#wish = wish;
    this.#store = store;
    this.#connections = connections;
  }

  get address(): string | undefined {
    return this.#wish?.address;
  }

  /** Options of a vassal that is to end when it is idle. */
  get idleOptions(): readonly string[] {
    const { onDemand = false, idleSeconds } = this.#wish ?? {};
    return onDemand && idleSeconds !== undefined ? ['--idle', String(idleSeconds), '--die-on-idle'] : [];
  }

  isFor(wish: SocketWish | undefined): boolean {
    return isDeepStrictEqual(wish, this.#wish);
  }

  /** Opens it, unless it is open or none is wished for. @throws Error with a sentence */
  open(): HeldSocket | undefined {
    if (this.#wish !== undefined) this.#held ??= this.#store.open(this.#wish.address);
    return this.#held;
  }

  /** A process of a former emperor has it: it is held again, if it can be had from anywhere. */
  async recover(fetch: () => Promise<number | undefined>): Promise<void> {
    if (this.#wish === undefined || this.#held !== undefined) return;
    const { address } = this.#wish;
    this.#held = this.#store.find(address);
    if (this.#held !== undefined) return;
    const descriptor = await fetch();
    if (descriptor !== undefined) this.#held = this.#store.take(address, descriptor);
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
    if (this.#held !== undefined) this.#store.close(this.#held);
    this.#held = undefined;
  }
}
