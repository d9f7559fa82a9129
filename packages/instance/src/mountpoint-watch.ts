import { statfsSync } from 'node:fs';

const INTERVAL_MS = 1000;

/** Notices when a file system has gone (`check-mountpoint`). */
export class MountpointWatch {
  readonly #timer: NodeJS.Timeout;

  /** @param onLost told once, with the first path that is gone */
  constructor(paths: readonly string[], onLost: (path: string) => void) {
    this.#timer = setInterval(() => {
      const lost = paths.find((path) => !isReadable(path));
      if (lost === undefined) return;
      this.stop();
      onLost(lost);
    }, INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function isReadable(path: string): boolean {
  try {
    statfsSync(path);
    return true;
  } catch {
    return false;
  }
}
