import { connect, type Socket } from 'node:net';

/** Bytes a slow client sends, and how often: 1 KB a second. */
const PIECE_BYTES = 100;
const PIECE_MS = 100;
const BODY_BYTES = 1_000_000;

/** Clients that upload a large body at 1 KB a second. */
export class SlowClients implements Disposable {
  readonly #sockets: Socket[];
  readonly #timer: NodeJS.Timeout;

  constructor(port: number, count: number) {
    this.#sockets = Array.from({ length: count }, () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${BODY_BYTES}\r\n\r\n`);
      return socket;
    });
    this.#timer = setInterval(() => {
      for (const socket of this.#sockets) if (socket.writable) socket.write('x'.repeat(PIECE_BYTES));
    }, PIECE_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
  }
}
