import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Config } from '@emperor/config';
import { AnnouncementSender } from '@emperor/router';

import type { ServiceContext } from '../service.ts';
import type { SubscriptionServers } from '../subscription-servers.ts';
import { type InheritedSocket, routerConfiguration } from './router-configuration.ts';
import { FIRST_INHERITED, RouterProcess } from './router-process.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** One that lived so long was well. */
const HEALTHY_MS = 10_000;
const MS_PER_SECOND = 1000;

/** One of the processes, over all its lives. */
interface Place {
  readonly number: number;
  process: RouterProcess | undefined;
  startedAtMs: number;
  /** Lives that ended early, in a row. */
  failures: number;
  timer: NodeJS.Timeout | undefined;
  sender: AnnouncementSender | undefined;
}

/**
 * The further processes of a router (`http-processes`): they accept on the same sockets as the first, which is this one, and are told
 * what is announced to it.
 */
export class RouterProcesses {
  readonly #config: Config;
  readonly #context: ServiceContext;
  readonly #subscriptions: SubscriptionServers | undefined;
  readonly #places: Place[];
  #directory = '';
  #over = false;

  constructor(config: Config, context: ServiceContext, subscriptions: SubscriptionServers | undefined) {
    this.#config = config;
    this.#context = context;
    this.#subscriptions = subscriptions;
    this.#places = Array.from({ length: config.options['http-processes'] - 1 }, (_, index) => ({
      number: index + 2,
      process: undefined,
      startedAtMs: 0,
      failures: 0,
      timer: undefined,
      sender: undefined,
    }));
  }

  /** @throws StartError where there is no place for what they need to know */
  prepare(): void {
    this.#directory = this.#context.runtimeDirectory.path;
  }

  begin(): void {
    for (const place of this.#places) this.#start(place, 'spawned');
  }

  #start(place: Place, how: 'spawned' | 'respawned'): void {
    const { log, launchDirectory, sockets } = this.#context;
    const listeners = sockets();
    const inherited = listeners.map(({ request }, index): InheritedSocket => ({
      request,
      descriptor: FIRST_INHERITED + index,
    }));
    const file = join(this.#directory, `router.ini`);
    writeFileSync(file, routerConfiguration(this.#config, inherited), { mode: 0o600 });
    const announcements =
      this.#subscriptions === undefined ? undefined : join(this.#directory, `router-${place.number}`);
    place.startedAtMs = performance.now();
    const child = new RouterProcess({
      arguments: ['--ini', file, ...(announcements === undefined ? [] : ['--http-subscription-server', announcements])],
      directory: launchDirectory,
      listeners: listeners.map(({ descriptor }) => descriptor),
      log: log.line,
      onReady: () => {
        log.line(`${how} uWSGI http ${place.number} (pid: ${child.pid})`);
        if (announcements !== undefined) this.#follow(place, announcements);
      },
      onEnd: (exit) => this.#ended(place, exit),
    });
    place.process = child;
  }

  /** Tells a process what has been announced so far, and from now on. */
  #follow(place: Place, path: string): void {
    place.sender = new AnnouncementSender({ kind: 'unix', path });
    this.#subscriptions?.follow(place.sender);
  }

  #ended(place: Place, exit: string): void {
    const { log } = this.#context;
    const pid = place.process?.pid;
    place.process = undefined;
    if (place.sender !== undefined) this.#subscriptions?.unfollow(place.sender);
    void place.sender?.close();
    place.sender = undefined;
    if (this.#over) {
      log.line(`gateway "uWSGI http ${place.number}" has been buried (pid: ${pid})`);
      return;
    }
    const wasWell = performance.now() - place.startedAtMs > HEALTHY_MS;
    place.failures = wasWell ? 0 : place.failures + 1;
    const pauseMs = wasWell ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (place.failures - 1));
    log.line(`DAMN ! uWSGI http ${place.number} died (${exit}) :( trying respawn in ${pauseMs / MS_PER_SECOND} s ...`);
    place.timer = setTimeout(() => this.#start(place, 'respawned'), pauseMs).unref();
  }

  /** They accept nothing more, and end when they have answered what they have. */
  retire(): void {
    this.#over = true;
    for (const { timer, process } of this.#places) {
      clearTimeout(timer);
      process?.terminate();
    }
  }

  /** Resolves when all are gone. @param graceMs for those that still answer requests */
  async end(graceMs: number): Promise<void> {
    this.retire();
    const kill = setTimeout(() => {
      for (const { process } of this.#places) process?.kill();
    }, graceMs);
    for (const { process } of this.#places) await process?.ended();
    clearTimeout(kill);
  }
}
