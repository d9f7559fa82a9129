import type { AppServerEvent } from './events.ts';
import type { AppServerLog } from './settings.ts';
import type { WorkerProcess } from './worker-process.ts';

/** What is the same in all announcements. */
export interface AnnouncementStyle {
  readonly threads: number;
  readonly offloadThreads: number;
  /** There is a master, or more than one worker. */
  readonly hasCompany: boolean;
  readonly log: AppServerLog;
  readonly onEvent: (event: AppServerEvent) => void;
}

interface Announcement {
  readonly worker: WorkerProcess;
  readonly isRespawn: boolean;
  /** Its pid is known: it can be printed as soon as it is the first. */
  isDue: boolean;
  /** What is to be printed behind it. */
  readonly more: string[];
}

/**
 * Prints who was started, in the order of the starts: the words of the zygote and of the workers themselves come in any order, and
 * people read the log from worker 1 on.
 */
export class Announcements {
  readonly #style: AnnouncementStyle;
  readonly #waiting: Announcement[] = [];

  constructor(style: AnnouncementStyle) {
    this.#style = style;
  }

  /** A process is being started. @param isRespawn it follows one that ended */
  expect(worker: WorkerProcess, isRespawn: boolean): void {
    this.#waiting.push({ worker, isRespawn, isDue: false, more: [] });
  }

  /** Its pid is known. May be said more than once. */
  known(worker: WorkerProcess): void {
    const announcement = this.#find(worker);
    if (announcement === undefined) return;
    announcement.isDue = true;
    this.#printDue();
  }

  /** Prints lines about a process, but not before its announcement. */
  add(worker: WorkerProcess, lines: readonly string[]): void {
    const announcement = this.#find(worker);
    if (announcement === undefined) for (const line of lines) this.#style.log.line(line);
    else announcement.more.push(...lines);
  }

  /** It ended, perhaps before anything was known about it: nobody waits for its announcement. */
  drop(worker: WorkerProcess): void {
    const index = this.#waiting.findIndex((announcement) => announcement.worker === worker);
    if (index < 0) return;
    const [announcement] = this.#waiting.splice(index, 1);
    if (announcement?.isDue === true) this.#print(announcement);
    this.#printDue();
  }

  #find(worker: WorkerProcess): Announcement | undefined {
    return this.#waiting.find((announcement) => announcement.worker === worker);
  }

  #printDue(): void {
    for (let first = this.#waiting[0]; first?.isDue === true; first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#print(first);
    }
  }

  #print({ worker: { id, pid }, isRespawn, more }: Announcement): void {
    const { threads, offloadThreads, hasCompany, log, onEvent } = this.#style;
    if (isRespawn) log.line(`Respawned uWSGI worker ${id} (new pid: ${pid})`);
    else log.line(`spawned uWSGI worker ${id} ${hasCompany ? '' : '(and the only) '}(pid: ${pid}, cores: ${threads})`);
    if (offloadThreads > 0) log.line(`spawned ${offloadThreads} offload threads for uWSGI worker ${id}`);
    for (const line of more) log.line(line);
    onEvent({ type: 'worker-spawned', workerId: id, pid });
  }
}
