import type { Announcements } from './announcements.ts';
import { describeApps } from './app-lines.ts';
import type { AppServerLog } from './settings.ts';
import type { WorkerProcess } from './worker-process.ts';
import type { LoadedApp, WorkerNews } from './zygote-messages.ts';

/** The apps there are, as the statistics show them, and what the log says about those that workers load themselves. */
export class LoadedApps {
  all: readonly LoadedApp[] = [];
  readonly #announcements: Announcements;
  readonly #log: AppServerLog;

  constructor(announcements: Announcements, log: AppServerLog) {
    this.#announcements = announcements;
    this.#log = log;
  }

  /** A worker has loaded all of its apps (`lazy-apps`). */
  loadedAll(worker: WorkerProcess, news: Extract<WorkerNews, { type: 'apps' }>): void {
    // It may come before the zygote's word that the worker has been forked.
    worker.pid = news.pid;
    this.#announcements.add(worker, describeApps(news, news.pid));
    this.#announcements.known(worker);
    this.all = news.apps;
  }

  /** A worker has loaded one that a request named. */
  loadedOne(news: Extract<WorkerNews, { type: 'app' }>): void {
    for (const line of describeApps(news, news.pid)) this.#log.line(line);
    // Each worker numbers its own: what the statistics call them is what the first one says.
    if (news.loaded === this.all.length) this.all = [...this.all, ...news.apps];
  }
}
