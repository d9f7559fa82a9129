import { type Config, formatDiagnostic } from '@emperor/config';
import { ctime, type Logs, LogTargetError, openLogs } from '@emperor/router';

import { resolveId } from './privileges.ts';
import { StartError } from './start-error.ts';

/** Opens the logs a configuration asks for. @throws StartError for a target that cannot be opened */
export function openInstanceLogs(config: Config, workingDirectory: string): Logs {
  const { options } = config;
  try {
    return openLogs(options, workingDirectory, futureOwner(options));
  } catch (error) {
    if (error instanceof LogTargetError) throw new StartError(withPlace(config, error.message));
    throw error;
  }
}

/** A message with the line of the configuration that it is about: the one whose value, or the part behind its kind, it quotes. */
function withPlace(config: Config, message: string): string {
  const entry = config
    .entriesOf(
      'logger',
      'req-logger',
      'logto',
      'logto2',
      'daemonize',
      'log-socket',
      'log-syslog',
      'log-encoder',
      'log-req-encoder',
    )
    .find(({ value }) => value !== '' && message.includes(value.replace(/^(?:\w+\s+)?\w+:/, '')));
  if (entry === undefined) return message;
  const { key, value, origin } = entry;
  return formatDiagnostic({ severity: 'error', origin, sourceLine: `${key} = ${value}`, message });
}

/** Who the process is going to be: whom `logfile-chown` gives the files to, while it is still root. */
function futureOwner({ uid, gid }: Config['options']): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0 || (uid === undefined && gid === undefined)) return undefined;
  return {
    uid: uid === undefined ? -1 : resolveId('user', uid),
    gid: gid === undefined ? -1 : resolveId('group', gid),
  };
}

/** Where the parts of an instance write their lines; the target may change with a reload. */
export class InstanceLog {
  #logs: Logs | undefined;

  use(logs: Logs): Logs | undefined {
    const previous = this.#logs;
    this.#logs = logs;
    return previous;
  }

  get requests(): Logs['requests'] {
    return this.#open.requests;
  }

  /** Lines that could not be written, since the start. */
  get dropped(): number {
    return this.#logs?.dropped ?? 0;
  }

  readonly line = (text: string): void => {
    this.#open.messages.line(text);
  };

  /** What a program has printed: no date is put before it. */
  readonly printed = (text: string): void => {
    this.#open.printed.line(text);
  };

  /** With the date in front, as uWSGI's verbose lines (UWSGI-FACTS 8.10). */
  readonly dated = (text: string): void => {
    const { messages, hasDates } = this.#open;
    messages.line(hasDates ? text : `${ctime(Math.floor(Date.now() / 1000))} - ${text}`);
  };

  reopen(): void {
    this.#open.reopen();
  }

  rotate(): void {
    this.#open.rotate();
  }

  /** Writes what was taken, in its order. Lines that come later are lost. */
  async close(): Promise<void> {
    await this.#logs?.close();
  }

  flushSync(): void {
    this.#logs?.flushSync();
  }

  get #open(): Logs {
    if (this.#logs === undefined) throw new Error('no log is open yet');
    return this.#logs;
  }
}
