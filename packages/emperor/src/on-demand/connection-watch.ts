import { Epoll, EpollEvent, LoopWatch } from '@emperor/posix';

const EVENTS_AT_A_TIME = 64;

interface Watched {
  readonly serial: number;
  readonly onConnection: () => void;
}

/**
 * Tells when somebody connects to a listening socket, without accepting the connection: that is for the vassal that is then
 * started. Linux only.
 */
export class ConnectionWatch {
  readonly #epoll = new Epoll(EVENTS_AT_A_TIME);
  readonly #watched = new Map<number, Watched>();
  #serial = 0;

  constructor() {
    const watch = new LoopWatch(this.#epoll.descriptor, () => setImmediate(() => this.#poll()));
    watch.unref();
  }

  /** Calls back once, also for a connection that waits already. */
  watch(descriptor: number, onConnection: () => void): void {
    this.#serial += 1;
    this.#watched.set(descriptor, { serial: this.#serial, onConnection });
    this.#epoll.add(descriptor, EpollEvent.in, this.#serial);
  }

  /** To be called before the descriptor is closed. */
  forget(descriptor: number): void {
    if (this.#watched.delete(descriptor)) this.#epoll.remove(descriptor);
  }

  #poll(): void {
    const count = this.#epoll.poll();
    const due: Watched[] = [];
    for (let index = 0; index < count; index += 1) {
      const descriptor = this.#epoll.descriptorAt(index);
      const watched = this.#watched.get(descriptor);
      if (watched?.serial !== this.#epoll.serialAt(index)) continue;
      this.forget(descriptor);
      due.push(watched);
    }
    for (const { onConnection } of due) onConnection();
  }
}
