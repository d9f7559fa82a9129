import { type BoundDatagramSocket, type Datagram, EpollEvent } from '@emperor/posix';

import { EpollLoop, type EventSource } from './epoll-loop.ts';

/** Datagrams taken in one turn: a flood must not keep everything else waiting. */
const DATAGRAMS_PER_TURN = 64;

/** Hands datagrams on as they arrive. Does not keep the process alive. Linux only, whatever transport the streams use. */
export class DatagramListener implements EventSource {
  readonly descriptor: number;
  serial = 0;
  readonly #socket: BoundDatagramSocket;
  readonly #onDatagram: (datagram: Datagram) => void;

  constructor(socket: BoundDatagramSocket, onDatagram: (datagram: Datagram) => void) {
    this.#socket = socket;
    this.descriptor = socket.descriptor;
    this.#onDatagram = onDatagram;
    // Level-triggered: what is left is told again in the next turn.
    EpollLoop.shared.add(this, EpollEvent.in);
  }

  onEvents(): void {
    for (let count = 0; count < DATAGRAMS_PER_TURN; count++) {
      const datagram = this.#socket.receive();
      if (datagram === undefined) return;
      this.#onDatagram(datagram);
    }
  }

  close(): void {
    EpollLoop.shared.forget(this);
    this.#socket.close();
  }
}
