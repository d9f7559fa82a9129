import { constants, fstatSync, openSync } from 'node:fs';

import { createDescriptorWriter, type DescriptorWriter } from './descriptor-writer.ts';
import type { LineBatch } from './line-batch.ts';
import type { LogSink } from './log-sink.ts';

/** A descriptor that was open when the process started, such as stderr. It stays open when the log is closed. */
export class InheritedSink implements LogSink {
  readonly name: string;
  readonly #writer: DescriptorWriter;
  readonly #isOwn: boolean;

  constructor(descriptor: number, name: string) {
    this.name = name;
    const own = openAnew(descriptor);
    this.#isOwn = own !== undefined;
    this.#writer = createDescriptorWriter(own ?? descriptor, this.#isOwn);
  }

  write(batch: LineBatch, done: (error: Error | undefined) => void): void {
    this.#writer.write(batch.toBuffer(), done);
  }

  writeSync(batch: LineBatch): void {
    this.#writer.writeSync(batch.toBuffer());
  }

  /** There is no path to open. */
  reopen(): void {}

  rotate(): void {}

  close(): void {
    if (this.#isOwn) this.#writer.close();
  }
}

/**
 * O_NONBLOCK belongs to the open file, which is shared with the parent and the Python processes: they would see EAGAIN.
 * Linux opens a pipe or a terminal a second time through /proc; there the flag is ours alone.
 * @returns undefined for files and sockets, and where there is no /proc or no permission (after a change of user)
 */
function openAnew(descriptor: number): number | undefined {
  const stat = fstatSync(descriptor);
  if (!stat.isFIFO() && !stat.isCharacterDevice()) return undefined;
  try {
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}
