import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Connecting at the same time: fewer than a queue of connections holds. */
const BATCH = 100;
/** The head of a request that takes its time, and never ends. */
const HEAD = 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ';

/** Many connections of clients that have nothing to say, or not much. */
export class IdleClients implements AsyncDisposable {
  readonly #sockets: Socket[] = [];
  #sent = 0;

  static async connect(port: number, count: number): Promise<IdleClients> {
    const clients = new IdleClients();
    for (let opened = 0; opened < count; opened += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, count - opened) }, () => connect(port, '127.0.0.1'));
      clients.#sockets.push(...batch);
      await Promise.all(batch.map((socket) => once(socket, 'connect')));
    }
    for (const socket of clients.#sockets) socket.on('error', () => undefined);
    return clients;
  }

  /** Connections that the server has not ended. */
  get open(): number {
    return this.#sockets.filter(({ readyState }) => readyState === 'open').length;
  }

  /** Has each client send the next byte of its request. */
  drip(): void {
    const byte = HEAD[this.#sent++] ?? 'x';
    for (const socket of this.#sockets) if (socket.writable) socket.write(byte);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#sockets.filter((socket) => !socket.closed).map((socket) => once(socket, 'close'));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }
}
