import { once } from 'node:events';
import { isatty } from 'node:tty';

import pino from 'pino';

import type { EventLog, LogDestination } from './event-log.ts';
import { StructuredLog } from './structured-log.ts';
import { UwsgiLog } from './uwsgi-log.ts';

const STDERR = 2;

/** More than this is not held for a reader that does not read: lines are lost instead of the emperor's memory. */
const BUFFER_LIMIT_BYTES = 4 * 1024 * 1024;

/** How long the end of the process waits for a reader that does not read. */
const CLOSE_PATIENCE_MS = 1000;

export type LogStyle = 'uwsgi' | 'structured';

/** A log on stderr, where all output of uWSGI goes too (UWSGI-FACTS 1.2), and what closes it. */
export function openLog(style: LogStyle): { readonly log: EventLog; readonly close: () => Promise<void> } {
  const destination = pino.destination({ fd: STDERR, sync: false, maxLength: BUFFER_LIMIT_BYTES });
  // Nobody listens any more; that is no reason to stop supervising.
  destination.on('error', () => undefined);
  let isOpen = true;
  // Vassals that go on without the emperor write until it has exited.
  const target: LogDestination = { write: (text) => void (isOpen && destination.write(text)) };
  const log = style === 'uwsgi' ? new UwsgiLog(target) : new StructuredLog(target, isatty(STDERR));
  return {
    log,
    async close() {
      isOpen = false;
      const closed = once(destination, 'close', { signal: AbortSignal.timeout(CLOSE_PATIENCE_MS) });
      destination.end();
      await closed.catch(() => undefined);
    },
  };
}
