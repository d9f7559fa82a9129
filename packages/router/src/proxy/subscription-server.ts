import type { Buffer } from 'node:buffer';

import type { BoundDatagramSocket } from '@emperor/posix';
import { decodeAnnouncement } from '@emperor/protocol';
import { DatagramListener } from '@emperor/transport';

import type { AnnouncementSender } from './announcement-sender.ts';
import type { SubscriptionTable } from './subscription-table.ts';

/** Receives announcements at an address, UDP or a UNIX socket (`http-subscription-server`). */
export class SubscriptionServer {
  /** Routers that are told what is announced here (`http-resubscribe`). */
  resubscribe: readonly AnnouncementSender[] = [];
  readonly #table: SubscriptionTable;
  readonly #listener: DatagramListener;

  constructor(socket: BoundDatagramSocket, table: SubscriptionTable) {
    this.#table = table;
    this.#listener = new DatagramListener(socket, ({ bytes, sender }) => this.#received(bytes, sender));
  }

  #received(bytes: Buffer, sender: string): void {
    const announcement = decodeAnnouncement(bytes);
    if (announcement === undefined) return;
    this.#table.announced(announcement, sender, performance.now());
    if (this.resubscribe.length === 0) return;
    const { address } = announcement;
    // The other router does not see where it came from.
    const complete = { ...announcement, address: address.startsWith(':') ? hostText(sender) + address : address };
    for (const router of this.resubscribe) router.send(complete);
  }

  close(): void {
    this.#listener.close();
  }
}

function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
