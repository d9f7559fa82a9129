import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** As slow as a reader can be without being taken for dead. */
const SLOW_READ_EVERY_MS = 1000;
const LOOK_EVERY_MS = 1000;

/** Where an emperor can be looked at. */
export interface Places {
  readonly metricsUrl: string;
  readonly adminUrl: string;
  readonly token: string;
  readonly commandSocket: string;
}

/** Everybody who may look at an emperor at once: scrapes, status calls, open dashboards, and readers of one byte a second. */
export class Onlookers implements AsyncDisposable {
  readonly scrapeMs: number[] = [];
  /** Longest delay of the emperor's event loop, as it tells each scrape for the time since the last. */
  loopLagMs = 0;
  /** Comes with the first scrape that has been answered. */
  readonly served: Promise<void>;
  #serve: () => void = () => undefined;
  readonly #places: Places;
  readonly #ended = new AbortController();
  readonly #work: Promise<void>[] = [];
  readonly #sockets: Socket[] = [];

  constructor(places: Places, dashboards: number) {
    this.#places = places;
    this.served = new Promise((resolve) => (this.#serve = resolve));
    this.#work.push(this.#again((signal) => this.#scrape(signal)));
    const { metricsUrl } = places;
    this.#work.push(
      this.#again(async (signal) => void (await (await fetch(`${metricsUrl}/status`, { signal })).text())),
    );
    for (let count = 0; count < dashboards; count += 1) this.#work.push(this.#watch());
    this.#lookSlowly();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#work);
  }

  async #again(look: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      await look(signal).catch(ignoreAbort(signal));
      await pause(LOOK_EVERY_MS, undefined, { signal }).catch(ignoreAbort(signal));
    }
  }

  async #scrape(signal: AbortSignal): Promise<void> {
    const began = performance.now();
    const metrics = await (await fetch(`${this.#places.metricsUrl}/metrics`, { signal })).text();
    this.scrapeMs.push(performance.now() - began);
    this.loopLagMs = Math.max(this.loopLagMs, loopLagMs(metrics));
    this.#serve();
  }

  /** A dashboard that reads as fast as it gets. */
  async #watch(): Promise<void> {
    const { signal } = this.#ended;
    const { adminUrl, token } = this.#places;
    const watching = async (): Promise<void> => {
      const response = await fetch(`${adminUrl}/live`, { headers: { Authorization: `Bearer ${token}` }, signal });
      if (response.status !== 200) throw new Error(`the dashboard answers ${response.status}`);
      for await (const chunk of response.body ?? []) void chunk;
    };
    await watching().catch(ignoreAbort(signal));
  }

  /** One of each kind that asks, and then reads a byte a second; and one that asks as slowly. */
  #lookSlowly(): void {
    const { metricsUrl, adminUrl, token, commandSocket } = this.#places;
    const metrics = new URL(metricsUrl);
    const admin = new URL(adminUrl);
    const authorized = `Host: ${admin.host}\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    this.#readSlowly(
      connect(Number(metrics.port), metrics.hostname),
      `GET /metrics HTTP/1.1\r\nHost: ${metrics.host}\r\n\r\n`,
    );
    this.#readSlowly(connect(Number(admin.port), admin.hostname), `GET /status HTTP/1.1\r\n${authorized}`);
    this.#readSlowly(connect(Number(admin.port), admin.hostname), `GET /live HTTP/1.1\r\n${authorized}`);
    this.#readSlowly(connect(commandSocket), 'GET /output?follow=1 HTTP/1.1\r\nHost: emperor\r\n\r\n');
    this.#readSlowly(connect(commandSocket), 'GET /status HTTP/1.1\r\nHost: emperor\r\n\r\n');
    const asking = connect(Number(metrics.port), metrics.hostname);
    this.#keep(asking);
    this.#work.push(this.#again(async () => void asking.write('G')));
  }

  #readSlowly(socket: Socket, request: string): void {
    this.#keep(socket);
    socket.on('connect', () => socket.write(request));
    this.#work.push(
      this.#again(async (signal) => {
        socket.read(1);
        await pause(SLOW_READ_EVERY_MS, undefined, { signal });
      }),
    );
  }

  /** Being turned away is one of the things that may happen to it. */
  #keep(socket: Socket): void {
    socket.on('error', () => undefined);
    this.#sockets.push(socket);
  }
}

/** What a scrape says: the longest delay since the scrape before. */
export function loopLagMs(metrics: string): number {
  return Number(/^emperor_event_loop_lag_seconds (\S+)$/m.exec(metrics)?.[1]) * 1000;
}

function ignoreAbort(signal: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted) throw error;
  };
}
