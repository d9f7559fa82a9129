import { Buffer } from 'node:buffer';

import type { RemoteJobData } from './remote-job.ts';
import { RemoteQueue } from './remote-queue.ts';
import { RemoteSpoolers, type RemoteSpoolersSettings } from './remote-spoolers.ts';

/** A body is asked for in pieces of this size. */
const BODY_PIECE_BYTES = 49_152;

/** A job that Python hands in. */
interface HandedIn extends RemoteJobData {
  readonly name: string;
  /** Unix time in seconds: not before. */
  readonly due: number;
}

/** What the app's functions for jobs need of one server. */
class RemotePlace {
  readonly #queue: RemoteQueue;

  constructor(url: string) {
    this.#queue = new RemoteQueue(url);
  }

  add(job: unknown): Promise<void> {
    const { name, due, ...data } = job as HandedIn;
    return this.#queue.add(name, data, due);
  }

  appendBody(name: unknown, piece: unknown): Promise<void> {
    return this.#queue.appendBody(name as string, Buffer.from(piece as string, 'base64'));
  }

  async bodyPiece(name: unknown, from: unknown): Promise<string> {
    const piece = await this.#queue.bodyPiece(name as string, from as number, BODY_PIECE_BYTES);
    return piece.toString('base64');
  }

  /** Names and priorities of what is neither done nor given up, in its order. */
  async names(): Promise<(readonly [name: string, priority: number | null])[]> {
    const jobs = await this.#queue.unfinished();
    return jobs.map(({ name, data }) => [name, data.priority ?? null]);
  }

  async find(name: unknown): Promise<RemoteJobData | null> {
    return (await this.#queue.find(name as string))?.data ?? null;
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}

/** The servers of one instance. */
export class RemotePlaces {
  readonly #places: ReadonlyMap<string, RemotePlace>;
  readonly #running: RemoteSpoolers[] = [];

  constructor(urls: readonly string[]) {
    this.#places = new Map(urls.map((url) => [url, new RemotePlace(url)]));
  }

  at(url: string): RemotePlace {
    const place = this.#places.get(url);
    if (place === undefined) throw new Error('there is no such spooler');
    return place;
  }

  begin(settings: RemoteSpoolersSettings): void {
    this.#running.push(new RemoteSpoolers(settings));
  }

  setFrequency(seconds: number): void {
    for (const spoolers of this.#running) spoolers.setFrequency(seconds);
  }

  async stop(finished: Promise<unknown>): Promise<void> {
    await Promise.all(this.#running.map((spoolers) => spoolers.stop(finished)));
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#places.values(), (place) => place.close()));
  }
}
