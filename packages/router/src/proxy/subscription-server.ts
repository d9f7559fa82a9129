import { once } from 'node:events';

import { decodeAnnouncement } from '@emperor/protocol';

import type { SubscriptionTable } from './subscription-table.ts';

const EXPIRY_MS = 1000;

/** Receives announcements at a UDP address (`http-subscription-server`). */
export class SubscriptionServer {
  /** The port, chosen by the kernel where 0 was asked. */
  readonly port: number;
  readonly #close: () => void;

  private constructor(port: number, close: () => void) {
    this.port = port;
    this.#close = close;
  }

  /** @throws Error of the system when the address cannot be bound */
  static async open(address: { host: string; port: number }, table: SubscriptionTable): Promise<SubscriptionServer> {
    const { createSocket } = await import('node:dgram');
    const socket = createSocket(address.host.includes(':') ? 'udp6' : 'udp4');
    socket.on('message', (datagram, sender) => {
      const announcement = decodeAnnouncement(datagram);
      if (announcement !== undefined) table.announced(announcement, sender.address, performance.now());
    });
    socket.bind(address.port, address.host);
    await once(socket, 'listening');
    // A datagram that could not be received is no reason to stop.
    socket.on('error', () => {});
    const timer = setInterval(() => table.expire(performance.now()), EXPIRY_MS).unref();
    return new SubscriptionServer(socket.address().port, () => {
      clearInterval(timer);
      socket.close();
    });
  }

  close(): void {
    this.#close();
  }
}
