import { readFileSync } from 'node:fs';

import type { Announcement } from '@emperor/protocol';
import { formatAddress, type SocketAddress } from '@emperor/transport';

import { AnnouncementSender } from './announcement-sender.ts';

/** One router and what it is told. */
export interface Subscription {
  /** As it stands in the configuration, for logs. */
  readonly text: string;
  readonly server: SocketAddress;
  /** Nothing is announced at the moment, though the instance is there (`check` of `subscribe2`). */
  readonly isSuspended?: () => boolean;
  /** The key `@FILE` stands for the lines of a file, read anew each time. */
  readonly announcement: Omit<Announcement, 'leaves'>;
}

export interface SubscriberSettings {
  readonly subscriptions: readonly Subscription[];
  /** Pause between announcements (`subscribe-freq`). */
  readonly intervalMs: number;
  readonly log: (message: string) => void;
}

/** A datagram may be lost, or the router be a moment later than we are: it is told twice at the beginning, as by uWSGI. */
const SECOND_ANNOUNCEMENT_MS = 1000;

/** Announces an instance to routers, again and again, and that it leaves when it stops (`subscribe-to`, `subscribe2`). */
export class Subscriber {
  readonly #settings: SubscriberSettings;
  readonly #senders = new Map<string, AnnouncementSender>();
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: SubscriberSettings) {
    this.#settings = settings;
  }

  get isAnnouncing(): boolean {
    return this.#timer !== undefined;
  }

  get #texts(): string[] {
    return this.#settings.subscriptions.map(({ text }) => text);
  }

  start(): void {
    const { log } = this.#settings;
    for (const text of this.#texts) log(`subscribing to ${text}`);
    this.#announce();
    this.#timer = setTimeout(() => {
      this.#announce();
      this.#timer = setInterval(this.#announce, this.#settings.intervalMs).unref();
    }, SECOND_ANNOUNCEMENT_MS).unref();
  }

  /**
   * Announces nothing any more.
   * @param successor who goes on announcing what it has too (a reload); the routers are told to forget the rest
   */
  stop(successor?: Subscriber): void {
    if (!this.isAnnouncing) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const kept = new Set(successor === undefined ? [] : successor.#texts);
    const { subscriptions, log } = this.#settings;
    const over = subscriptions.filter(({ text }) => !kept.has(text));
    for (const { text } of over) log(`unsubscribing from ${text}`);
    this.#send(over, true);
  }

  /** Resolves when the last word has been sent. */
  async close(): Promise<void> {
    this.stop();
    await Promise.all([...this.#senders.values()].map((sender) => sender.close()));
  }

  readonly #announce = (): void => {
    for (const sender of this.#senders.values()) sender.refresh();
    this.#send(this.#settings.subscriptions, false);
  };

  #send(subscriptions: readonly Subscription[], leaves: boolean): void {
    for (const { server, announcement, isSuspended } of subscriptions) {
      if (!leaves && isSuspended?.() === true) continue;
      const sender = this.#senderTo(server);
      for (const key of this.#keys(announcement.key)) sender.send({ ...announcement, key, leaves });
    }
  }

  #senderTo(server: SocketAddress): AnnouncementSender {
    const name = formatAddress(server);
    let sender = this.#senders.get(name);
    if (sender === undefined) {
      sender = new AnnouncementSender(server);
      this.#senders.set(name, sender);
    }
    return sender;
  }

  /** Lines that are empty, or begin with `#`, are none. */
  #keys(key: string): string[] {
    if (!key.startsWith('@')) return [key];
    try {
      const lines = readFileSync(key.slice(1), 'latin1').split('\n');
      return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
    } catch (error) {
      this.#settings.log(
        `cannot read the host names to announce: ${error instanceof Error ? error.message : String(error)}`,
      );
      return [];
    }
  }
}
