import { Buffer } from 'node:buffer';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

import type { Config } from '@emperor/config';

import type { Service, ServiceCall, ServiceContext, ServiceKind } from '../service.ts';
import { StartError } from '../start-error.ts';
import { Ring } from './ring.ts';

/** What the file of `queue-store` holds. */
interface Stored {
  readonly slots: readonly (string | null)[];
  readonly position: number;
  readonly pullPosition: number;
}

interface QueueSettings {
  readonly size: number;
  readonly itemBytes: number;
  readonly store: string | undefined;
  readonly syncSeconds: number;
}

/** The queue of `uwsgi.queue_push()` and its kin, shared by all processes of the app. It outlives reloads, with `queue-store` restarts too. */
class Queue implements Service {
  readonly calls: Readonly<Record<string, ServiceCall>> = {
    queue_push: ([item]) => this.#push(item as string),
    queue_pull: () => this.#changed(this.#ring.pull()),
    queue_pop: () => this.#changed(this.#ring.pop()),
    queue_get: ([index]) => this.#ring.get(index as number),
    queue_set: ([index, item]) =>
      this.#changed(this.#fits(item as string) && this.#ring.set(index as number, item as string)),
    queue_last: ([count]) => this.#ring.last(count as number),
    queue_slot: () => this.#ring.position,
    queue_pull_slot: () => this.#ring.pullPosition,
  };
  readonly #settings: QueueSettings;
  readonly #log: ServiceContext['log'];
  #ring: Ring;
  #isDirty = false;
  #timer: NodeJS.Timeout | undefined;
  #isReplaced = false;

  constructor(settings: QueueSettings, log: ServiceContext['log'], predecessor: Queue | undefined) {
    this.#settings = settings;
    this.#log = log;
    this.#ring = predecessor?.ringOf(settings.size) ?? new Ring(Array.from({ length: settings.size }, () => null));
    if (predecessor === undefined) this.#load();
  }

  /** The ring itself, for a successor that wants one of the same size. */
  ringOf(size: number): Ring | undefined {
    return size === this.#settings.size ? this.#ring : undefined;
  }

  pythonSettings(): object {
    return { size: this.#settings.size };
  }

  begin(): void {
    if (this.#settings.store !== undefined)
      this.#timer = setInterval(() => this.#save(), this.#settings.syncSeconds * 1000).unref();
  }

  retire(reason: 'reload' | 'stop'): void {
    clearInterval(this.#timer);
    this.#isReplaced = reason === 'reload';
  }

  end(): void {
    clearInterval(this.#timer);
    if (!this.#isReplaced) this.#save();
  }

  #push(item: string): boolean | null {
    if (!this.#fits(item)) return null;
    this.#ring.push(item);
    return this.#changed(true);
  }

  #fits(item: string): boolean {
    return Buffer.byteLength(item, 'base64') <= this.#settings.itemBytes;
  }

  #changed<Result>(result: Result): Result {
    this.#isDirty = true;
    return result;
  }

  #load(): void {
    const { store, size } = this.#settings;
    if (store === undefined) return;
    let stored: Stored;
    try {
      stored = JSON.parse(readFileSync(store, 'utf8')) as Stored;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw new StartError(
        `queue-store = ${store}: the queue cannot be read: ${(error as Error).message}; move the file away to start with an empty one`,
      );
    }
    if (stored.slots.length !== size)
      throw new StartError(
        `queue-store = ${store}: it holds ${stored.slots.length} slots, and queue = ${size} asks for others`,
      );
    this.#ring = new Ring(stored.slots);
    this.#ring.position = stored.position;
    this.#ring.pullPosition = stored.pullPosition;
  }

  /** In one step: a crash leaves the old content or the new. */
  #save(): void {
    const { store } = this.#settings;
    if (store === undefined || !this.#isDirty) return;
    const { slots, position, pullPosition } = this.#ring;
    try {
      writeFileSync(`${store}.new`, JSON.stringify({ slots, position, pullPosition } satisfies Stored), {
        mode: 0o600,
      });
      renameSync(`${store}.new`, store);
      this.#isDirty = false;
    } catch (error) {
      this.#log.line(`queue-store = ${store}: cannot write the queue: ${(error as Error).message}`);
    }
  }
}

/** Pause between writes when `queue-store-sync` does not say. */
const SYNC_SECONDS = 1;

export const QUEUE: ServiceKind = {
  name: 'queue',
  create({ options }: Config, { log }: ServiceContext, predecessor: Service | undefined): Service | undefined {
    if (options.queue === 0) return undefined;
    const settings = {
      size: options.queue,
      itemBytes: options['queue-blocksize'],
      store: options['queue-store'],
      syncSeconds: options['queue-store-sync'] > 0 ? options['queue-store-sync'] : SYNC_SECONDS,
    };
    return new Queue(settings, log, predecessor instanceof Queue ? predecessor : undefined);
  },
};
