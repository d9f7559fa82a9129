import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { DatagramSocket } from '@emperor/posix';
import { type Announcement, encodeAnnouncement } from '@emperor/protocol';
import type { SocketAddress } from '@emperor/transport';

const LOCALHOST = '127.0.0.1';
/** The kernel holds some 250 datagrams for a receiver by default, and drops the rest: more are sent in bursts. */
const BURST = 50;
const PAUSE_MS = 5;
/** A stop does not wait for name servers that do not answer. */
const LAST_LOOK_UP_MS = 2000;

/** Sends announcements to one router. Whether it is there is not known, and does not matter: it is told again later. */
export class AnnouncementSender {
  readonly #server: SocketAddress;
  #socket: DatagramSocket | undefined;
  #waiting: Announcement[] = [];
  #lookingUp: Promise<void> | undefined;
  #flushing: Promise<void> | undefined;
  #closed = false;

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
  }

  send(announcement: Announcement): void {
    this.#waiting.push(announcement);
    this.#flushing ??= this.#flush();
  }

  async #flush(): Promise<void> {
    // Whoever calls has more to send at once.
    await Promise.resolve();
    if (this.#socket === undefined) await this.#lookingUp;
    while (this.#waiting.length > 0) {
      for (const announcement of this.#waiting.splice(0, BURST)) this.#sendNow(announcement);
      if (this.#waiting.length > 0) await pause(PAUSE_MS);
    }
    this.#flushing = undefined;
  }

  #sendNow(announcement: Announcement): void {
    try {
      this.#socket?.send(encodeAnnouncement(announcement));
    } catch {
      // Nobody is there, or it is behind.
    }
  }

  /** Resolves when everything has been sent, or the name of the server cannot be found in time. */
  async close(): Promise<void> {
    await Promise.race([this.#flushing, pause(LAST_LOOK_UP_MS, undefined, { ref: false })]);
    this.#closed = true;
    this.#socket?.close();
    this.#socket = undefined;
  }
}
