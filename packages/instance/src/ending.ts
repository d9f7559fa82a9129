import { ctime } from '@emperor/router';

import type { Generation } from './generation.ts';
import { runLastHooks } from './hooks/hooks.ts';
import type { InstanceLinks } from './instance-links.ts';
import type { InstanceLog } from './instance-log.ts';
import type { InstanceSockets } from './instance-sockets.ts';
import { isRouter } from './listeners.ts';
import type { RuntimeDirectory } from './runtime-directory.ts';
import { vacuum } from './vacuum.ts';

/**
 * How an instance ends: `cut` does not answer what it has accepted, all others do. `shutdown` is the letter q of the master-fifo,
 * `instead-of-reload` what `exit-on-reload` makes of a reload.
 */
export type StopMode = 'drain' | 'cut' | 'shutdown' | 'instead-of-reload';

/** What becomes of requests, and what is said. */
interface Manner {
  /** What has been accepted is answered, for as long as `reload-mercy` says. */
  readonly drains: boolean;
  readonly opening: () => string;
  /** A line is printed for each worker that is let go. */
  readonly namesWorkers: boolean;
  readonly closing: string;
}

const SIGNALLED = {
  opening: () => 'SIGINT/SIGTERM received...killing workers...',
  namesWorkers: false,
  closing: 'goodbye to uWSGI.',
};

const MANNERS: Readonly<Record<StopMode, Manner>> = {
  drain: { ...SIGNALLED, drains: true },
  cut: { ...SIGNALLED, drains: false },
  shutdown: {
    drains: true,
    opening: () => `${ctime(Math.floor(Date.now() / 1000))} - graceful shutdown triggered...`,
    namesWorkers: true,
    closing: 'goodbye to uWSGI.',
  },
  'instead-of-reload': {
    drains: true,
    opening: () => '...gracefully killing workers...',
    namesWorkers: true,
    closing: 'uWSGI: GAME OVER (insert coin)',
  },
};

/** What of an instance has an end. */
export interface Mortal {
  readonly generation: () => Generation | undefined;
  readonly sockets: InstanceSockets;
  readonly links: InstanceLinks;
  readonly log: InstanceLog;
  readonly runtimeDirectory: RuntimeDirectory;
}

/** The end of the life of an instance, in the order in which its parts are let go. */
export class Ending {
  readonly #instance: Mortal;
  /** Ends a drain before its time. */
  #cutShort: (() => void) | undefined;

  constructor(instance: Mortal) {
    this.#instance = instance;
  }

  /** Lets go of everything that answers requests. @param hasServed whether it had come to that */
  async stop(mode: StopMode, hasServed: boolean): Promise<void> {
    const { sockets, links, log } = this.#instance;
    const manner = MANNERS[mode];
    links.closeControls();
    log.line(manner.opening());
    const generation = this.#instance.generation();
    generation?.leave('stop');
    sockets.close();
    // One router, whatever the number of its sockets (as in uWSGI).
    if (hasServed && sockets.all.some(({ request }) => isRouter(request.protocol)))
      log.line(`gateway "uWSGI http 1" has been buried (pid: ${process.pid})`);
    if (manner.drains && generation !== undefined) await this.#drain(generation, manner.namesWorkers);
    sockets.destroy();
    await generation?.stop();
  }

  /** A drain that is under way is over: somebody cannot wait. */
  hurry(): void {
    this.#cutShort?.();
  }

  /** Tidies up behind a stop; the last that is heard of the instance. */
  async finish(mode: StopMode, exitCode: number): Promise<void> {
    const { sockets, links, log, runtimeDirectory } = this.#instance;
    const generation = this.#instance.generation();
    log.line(MANNERS[mode].closing);
    if (generation !== undefined) {
      vacuum(generation.config, sockets, log);
      runLastHooks(generation.config, log);
    }
    runtimeDirectory.remove();
    links.close(exitCode);
    await log.close();
  }

  /** Nothing stays behind of a start that failed; what was logged comes before the reason. */
  async abandonStart(): Promise<void> {
    const { sockets, links, log, runtimeDirectory } = this.#instance;
    const generation = this.#instance.generation();
    await generation?.stop();
    sockets.close();
    if (generation !== undefined) vacuum(generation.config, sockets, log);
    runtimeDirectory.remove();
    links.close();
    log.flushSync();
  }

  async #drain(generation: Generation, namesWorkers: boolean): Promise<void> {
    const mercyMs = generation.config.options['reload-mercy'] * 1000;
    const { promise: mercy, resolve } = Promise.withResolvers<void>();
    const deadline = performance.now() + mercyMs;
    const timer = setTimeout(resolve, mercyMs);
    this.#cutShort = resolve;
    await Promise.race([mercy, this.#instance.sockets.drain()]);
    clearTimeout(timer);
    await generation.retire(Math.max(0, deadline - performance.now()), 'stop', namesWorkers);
  }
}
