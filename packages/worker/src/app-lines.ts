import type { LoadedApp } from './zygote-messages.ts';

/** The lines uWSGI prints about loading apps (UWSGI-FACTS 1.9, 1.11, 7.9). Scripts wait for them: kept to the letter. */

/** @param pid of the process that loaded it: the master, or a worker with lazy-apps */
export function describeApp(app: LoadedApp, pid: number): string {
  const tail = app.id === 0 ? ' (default app)' : '';
  return `WSGI app ${app.id} (mountpoint='${app.mountpoint}') ready in ${app.seconds} seconds on interpreter ${app.interpreter} pid: ${pid}${tail}`;
}

export function describeFailure(id: number, mountpoint: string): string {
  return `unable to load app ${id} (mountpoint='${mountpoint}') (callable not found or import error)`;
}

export const NO_APP_GOES_ON = '*** no app loaded. going in full dynamic mode ***';
export const NO_APP_ENDS = '*** no app loaded. GAME OVER ***';
