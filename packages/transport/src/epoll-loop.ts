import { Epoll, LoopWatch } from '@emperor/posix';

import type { Task } from './transport.ts';

/** Something with a descriptor that is watched. */
export interface EventSource {
  readonly descriptor: number;
  /** Given by the loop with each registration; tells events of this source from those of an earlier owner of its descriptor. */
  serial: number;
  /** @param events bits of `EpollEvent` */
  onEvents(events: number): void;
}

/** Something that may be closed before it needs to be watched. */
export interface BriefSource extends EventSource {
  /** Adds itself, if it is still open and not watched yet. */
  watch(): void;
}

/** How long a source that asks for it is left unwatched. */
const BRIEF_MS = 5;
/** Events handled in one turn of Node's event loop: timers, signals and everything else come in between. */
const EVENTS_PER_TURN = 256;

/**
 * The event loop of the sockets, inside Node's: Node watches the epoll instance, and when it has something to tell, all of it
 * is taken and handled in one turn. Nothing waits, no thread is used, and an idle process sleeps in Node's own loop.
 */
export class EpollLoop {
  static #shared: EpollLoop | undefined;

  readonly #epoll = new Epoll(EVENTS_PER_TURN);
  readonly #watch: LoopWatch = new LoopWatch(this.#epoll.descriptor, () => this.#schedule());
  /** By descriptor: no longer than the highest that was ever open, whatever the limit of open files is. */
  readonly #sources: (EventSource | undefined)[] = [];
  #brief: BriefSource[] = [];
  #lastSerial = 0;
  #soon: Task[] = [];
  #count = 0;
  #at = 0;
  #scheduled = false;
  #held = 0;

  /** The one of this process. */
  static get shared(): EpollLoop {
    EpollLoop.#shared ??= new EpollLoop();
    return EpollLoop.#shared;
  }

  /** Begins to watch. @throws SystemCallError */
  add(source: EventSource, events: number): void {
    // 0 is that of a source that is not watched.
    this.#lastSerial = (this.#lastSerial % 0xffff_ffff) + 1;
    source.serial = this.#lastSerial;
    this.#epoll.add(source.descriptor, events, source.serial);
    this.#sources[source.descriptor] = source;
  }

  /** Begins to watch in a moment: a source that is closed by then has cost no system call. */
  addLater(source: BriefSource): void {
    if (this.#brief.push(source) === 1) setTimeout(this.#addBrief, BRIEF_MS);
  }

  readonly #addBrief = (): void => {
    const sources = this.#brief;
    this.#brief = [];
    for (const source of sources) source.watch();
  };

  /** Watches for other events from now on. */
  modify(source: EventSource, events: number): void {
    this.#epoll.modify(source.descriptor, events, source.serial);
  }

  /** To be called before the descriptor is closed; the kernel forgets a closed descriptor by itself. */
  forget(source: EventSource): void {
    if (this.#sources[source.descriptor] === source) this.#sources[source.descriptor] = undefined;
  }

  /** Runs the task behind all events of this turn; for a task that asks for it, in the next one. */
  soon(task: Task): void {
    this.#soon.push(task);
    this.#schedule();
  }

  /** Something is open that must keep the process alive. */
  hold(): void {
    if (this.#held++ === 0) this.#watch.ref();
  }

  release(): void {
    if (--this.#held === 0) this.#watch.unref();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#scheduled = false;
    try {
      if (this.#at === this.#count) {
        this.#count = this.#epoll.poll();
        this.#at = 0;
      }
      this.#dispatch();
      this.#runTasks();
    } finally {
      // A handler that throws must not cost the others their events, which are told only once.
      if (this.#at < this.#count || this.#soon.length > 0) this.#schedule();
    }
  };

  /** Runs what was asked for until now: what these ask for comes after the next events, so that none of them keeps others waiting. */
  #runTasks(): void {
    const tasks = this.#soon;
    if (tasks.length === 0) return;
    this.#soon = [];
    let done = 0;
    try {
      while (done < tasks.length) tasks[done++]?.run();
    } finally {
      if (done < tasks.length) this.#soon = [...tasks.slice(done), ...this.#soon];
    }
  }

  #dispatch(): void {
    const epoll = this.#epoll;
    while (this.#at < this.#count) {
      const index = this.#at++;
      const source = this.#sources[epoll.descriptorAt(index)];
      if (source !== undefined && source.serial === epoll.serialAt(index)) source.onEvents(epoll.eventsAt(index));
    }
  }
}
