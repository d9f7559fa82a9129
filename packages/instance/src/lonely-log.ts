import { constants, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { replaceDescriptor } from '@emperor/posix';
import { LONELY_LOG } from '@emperor/protocol';

const STDOUT = 1;
const STDERR = 2;

/** Nobody may come for it: then it begins anew at this size. */
const LIMIT_BYTES = 8 * 1024 * 1024;
const LOOK_EVERY_MS = 1000;

/**
 * Where we write while no emperor reads along: a file beside our control socket, which the next emperor takes into its log. It is
 * opened while we may still open it; whom we are then may not enter the runtime directory.
 */
export class LonelyLog {
  readonly #descriptor: number;
  #timer: NodeJS.Timeout | undefined;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Undefined when there is no place for it. */
  static beside(controlSocket: string): LonelyLog | undefined {
    try {
      const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
      const path = join(dirname(controlSocket), LONELY_LOG);
      return new LonelyLog(openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600));
    } catch {
      // Then what is written in the meantime is lost.
      return undefined;
    }
  }

  /** The emperor is gone: its ends of our output are closed. */
  begin(): void {
    replaceDescriptor(STDOUT, this.#descriptor);
    replaceDescriptor(STDERR, this.#descriptor);
    this.#timer ??= setInterval(() => this.#bound(), LOOK_EVERY_MS).unref();
  }

  /** Another emperor reads our output now. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #bound(): void {
    if (fstatSync(this.#descriptor).size > LIMIT_BYTES) ftruncateSync(this.#descriptor);
  }
}
