import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

import { DatagramSocket } from '@emperor/posix';
import { type Announcement, encodeAnnouncement } from '@emperor/protocol';
import type { SocketAddress } from '@emperor/transport';

const LOCALHOST = '127.0.0.1';

/** Sends announcements to one router. Whether it is there is not known, and does not matter: it is told again later. */
export class AnnouncementSender {
  readonly #server: SocketAddress;
  #socket: DatagramSocket | undefined;
  /** For a server whose name is still being looked up. */
  #waiting: Announcement[] = [];
  #closed = false;
  #lookingUp: Promise<void> | undefined;

  constructor(server: SocketAddress) {
    this.#server = server;
    this.refresh();
  }

  /** Looks a host name up (again): routers move. */
  refresh(): void {
    const server = this.#server;
    if (server.kind === 'unix') this.#socket ??= DatagramSocket.unix(server.path);
    else if (server.host === '' || isIP(server.host) !== 0)
      this.#socket ??= DatagramSocket.udp(server.host || LOCALHOST, server.port);
    else this.#lookingUp ??= this.#lookUp(server.host, server.port);
  }

  async #lookUp(host: string, port: number): Promise<void> {
    const found = await lookup(host).catch(() => undefined);
    this.#lookingUp = undefined;
    if (found === undefined || this.#closed) return;
    this.#socket?.close();
    this.#socket = DatagramSocket.udp(found.address, port);
    for (const announcement of this.#waiting.splice(0)) this.send(announcement);
  }

  send(announcement: Announcement): void {
    if (this.#socket === undefined) {
      if (this.#lookingUp !== undefined) this.#waiting.push(announcement);
      return;
    }
    try {
      this.#socket.send(encodeAnnouncement(announcement));
    } catch {
      // Nobody is there, or it is behind.
    }
  }

  /** Resolves when everything has been sent. */
  async close(): Promise<void> {
    await this.#lookingUp;
    this.#closed = true;
    this.#socket?.close();
    this.#socket = undefined;
  }
}
