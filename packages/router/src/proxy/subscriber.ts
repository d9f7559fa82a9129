import type { Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';

import { type Announcement, encodeAnnouncement } from '@emperor/protocol';

/** One router and what it is told. */
export interface Subscription {
  /** As it stands in the configuration, for logs. */
  readonly text: string;
  readonly server: { readonly host: string; readonly port: number };
  /** `@FILE` stands for the lines of a file, read anew each time. */
  readonly announcement: Omit<Announcement, 'leaves'>;
}

export interface SubscriberSettings {
  readonly subscriptions: readonly Subscription[];
  /** Pause between announcements (`subscribe-freq`). */
  readonly intervalMs: number;
  readonly log: (message: string) => void;
}

/** Announces an instance to routers, again and again, and that it leaves when it stops (`subscribe-to`, `subscribe2`). */
export class Subscriber {
  readonly #settings: SubscriberSettings;
  readonly #socket: Socket;
  readonly #timer: NodeJS.Timeout;

  private constructor(settings: SubscriberSettings, socket: Socket) {
    this.#settings = settings;
    this.#socket = socket;
    // A router that is not there is announced to again later.
    socket.on('error', () => {});
    for (const { text } of settings.subscriptions) settings.log(`subscribing to ${text}`);
    void this.#announce(false);
    this.#timer = setInterval(() => void this.#announce(false), settings.intervalMs).unref();
  }

  static async start(settings: SubscriberSettings): Promise<Subscriber> {
    const { createSocket } = await import('node:dgram');
    return new Subscriber(settings, createSocket('udp4').unref());
  }

  /** @param leaves false where a successor goes on announcing the same (a reload) */
  async stop(leaves: boolean): Promise<void> {
    clearInterval(this.#timer);
    if (leaves) {
      for (const { text } of this.#settings.subscriptions) this.#settings.log(`unsubscribing from ${text}`);
      await this.#announce(true);
    }
    this.#socket.close();
  }

  async #announce(leaves: boolean): Promise<void> {
    const sent = this.#settings.subscriptions.flatMap(({ server, announcement }) =>
      this.#keys(announcement.key).map((key) => this.#send(server, { ...announcement, key, leaves })),
    );
    await Promise.all(sent);
  }

  #send({ host, port }: Subscription['server'], announcement: Announcement): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.send(encodeAnnouncement(announcement), port, host || '127.0.0.1', () => resolve());
    });
  }

  #keys(key: string): string[] {
    if (!key.startsWith('@')) return [key];
    try {
      const lines = readFileSync(key.slice(1), 'latin1').split('\n');
      return lines.map((line) => line.trim()).filter((line) => line !== '');
    } catch (error) {
      this.#settings.log(
        `cannot read the host names to announce: ${error instanceof Error ? error.message : String(error)}`,
      );
      return [];
    }
  }
}
