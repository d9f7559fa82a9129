import type { FailedApp, LoadedApp } from './zygote-messages.ts';

/** The lines uWSGI prints about loading apps (UWSGI-FACTS 1.9, 1.11, 7.9). Scripts wait for them: kept to the letter. */

/**
 * `loaded` apps were there before those given, where these are not all.
 * @param pid of the process that loaded them: the master, or a worker with lazy-apps
 */
export function describeApps(
  {
    apps,
    failed,
    loaded = apps.length,
  }: { readonly apps: readonly LoadedApp[]; readonly failed: readonly FailedApp[]; readonly loaded?: number },
  pid: number,
): string[] {
  const lines: string[] = [];
  const mounting = ({ mountpoint, source }: FailedApp): void => {
    if (mountpoint !== '' && source !== '') lines.push(`mounting ${source} on ${mountpoint}`);
  };
  for (const app of apps) {
    const { id, mountpoint, seconds, interpreter } = app;
    mounting(app);
    const tail = id === 0 ? ' (default app)' : '';
    lines.push(
      `WSGI app ${id} (mountpoint='${mountpoint}') ready in ${seconds} seconds on interpreter ${interpreter} pid: ${pid}${tail}`,
    );
  }
  for (const app of failed) {
    mounting(app);
    lines.push(`unable to load app ${loaded} (mountpoint='${app.mountpoint}') (callable not found or import error)`);
  }
  return lines;
}

/** Warnings about what a fork does not copy, or copies too well. */
export function describeLeftovers(loaded: {
  readonly threads: readonly string[];
  readonly sockets: readonly string[];
}): string[] {
  const lines: string[] = [];
  if (loaded.threads.length > 0)
    lines.push(
      `the app has started threads while it was imported (${loaded.threads.join(', ')}): they do not live on in the workers; see lazy-apps`,
    );
  if (loaded.sockets.length > 0)
    lines.push(
      `the app has opened sockets while it was imported (${loaded.sockets.join(', ')}): all workers share them; see lazy-apps`,
    );
  return lines;
}

export const NO_APP_GOES_ON = '*** no app loaded. going in full dynamic mode ***';
export const NO_APP_ENDS = '*** no app loaded. GAME OVER ***';
