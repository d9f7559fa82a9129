import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';

import { type Config, parseSubscribe2, parseSubscribeTo, type SubscriptionText } from '@emperor/config';
import { Subscriber, type Subscription } from '@emperor/router';

import { announcedSocket } from './announced-socket.ts';
import type { Service, ServiceContext, ServiceKind } from './service.ts';

const MS_PER_SECOND = 1000;

/** Announces the instance to routers while it takes requests (`subscribe-to`, `subscribe2`). */
export class SubscriberService implements Service {
  readonly fifoCommands: Readonly<Record<string, () => void>> = { S: () => this.#toggle() };
  readonly #config: Config;
  readonly #context: ServiceContext;
  #predecessor: SubscriberService | undefined;
  #subscriber: Subscriber | undefined;

  constructor(config: Config, context: ServiceContext, predecessor: SubscriberService | undefined) {
    this.#config = config;
    this.#context = context;
    this.#predecessor = predecessor;
  }

  /** As it is now: sockets have their ports. */
  begin(): void {
    const { options } = this.#config;
    const { log } = this.#context;
    const subscriber = new Subscriber({
      subscriptions: this.#subscriptions(),
      intervalMs: options['subscribe-freq'] * MS_PER_SECOND,
      log: log.line,
    });
    this.#subscriber = subscriber;
    this.#predecessor?.succeededBy(options['unsubscribe-on-graceful-reload'] ? undefined : subscriber);
    this.#predecessor = undefined;
    if (!options['start-unsubscribed']) subscriber.start();
  }

  succeededBy(successor: Subscriber | undefined): void {
    this.#subscriber?.stop(successor);
  }

  retire(): void {
    this.#subscriber?.stop();
  }

  async end(): Promise<void> {
    await this.#subscriber?.close();
  }

  /** Begins to announce, or ends it. */
  #toggle(): void {
    const { log } = this.#context;
    if (this.#subscriber?.isAnnouncing === true) {
      this.#subscriber.stop();
      log.dated('subscriptions blocked');
    } else {
      this.#subscriber?.start();
      log.dated('subscriptions re-enabled');
    }
  }

  #subscriptions(): Subscription[] {
    const entries = this.#config.entriesOf('subscribe-to', 'subscribe2');
    return entries.map(({ key, value }) => {
      const parsed = key === 'subscribe2' ? parseSubscribe2(value) : parseSubscribeTo(value);
      if (parsed.ignored.length > 0)
        this.#context.log.line(`${key} = ${value}: ${parsed.ignored.join(', ')} has no effect here`);
      return this.#subscription(value, parsed);
    });
  }

  #subscription(text: string, parsed: SubscriptionText): Subscription {
    const { server, key, modifier1, modifier2, unlessFile } = parsed;
    const sockets = this.#context.sockets();
    const announced = announcedSocket(sockets, parsed.socket);
    return {
      text,
      server,
      isSuspended: () => unlessFile !== undefined && existsSync(unlessFile),
      announcement: {
        key,
        address: parsed.address ?? announced.address,
        protocol: parsed.protocol ?? announced.protocol,
        modifier1: this.#config.options['subscribe-with-modifier1'] || modifier1,
        modifier2,
        cores: this.#cores(),
        load: 0,
        weight: parsed.weight ?? this.#weight(),
      },
    };
  }

  #cores(): number {
    const { processes, threads } = this.#config.options;
    return Math.max(1, processes) * Math.max(1, threads);
  }

  #weight(): number {
    const { weight, 'auto-weight': auto } = this.#config.options;
    return auto ? availableParallelism() : weight;
  }
}

export const SUBSCRIBER: ServiceKind = {
  name: 'subscriber',
  create(config, context, predecessor) {
    const { options } = config;
    if (options['subscribe-to'].length === 0 && options.subscribe2.length === 0) return undefined;
    return new SubscriberService(config, context, predecessor as SubscriberService | undefined);
  },
};
