import { Buffer } from 'node:buffer';
import { constants, existsSync, fchownSync, fstatSync, mkdirSync, openSync, renameSync } from 'node:fs';
import path from 'node:path';

import { ctime } from './ctime.ts';
import { createDescriptorWriter, type DescriptorWriter } from './descriptor-writer.ts';
import type { LineBatch } from './line-batch.ts';
import type { LogSink } from './log-sink.ts';

const { O_APPEND, O_CREAT, O_NONBLOCK, O_TRUNC, O_WRONLY } = constants;
/** uWSGI's mode of a new log file. */
const DEFAULT_MODE = 0o640;

/** A user and a group, by number. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/** What is asked of a log file besides its path. */
export interface FileSinkOptions {
  /** Mode of a new file. */
  readonly mode?: number;
  /** Who is to own the file (`logfile-chown`). */
  readonly owner?: FileOwner | undefined;
  /** Empties the file when it is opened for the first time (`log-truncate`). */
  readonly truncate?: boolean;
  /** Size in bytes from which the file is moved away (`log-maxsize`); 0: never. */
  readonly maxSizeBytes?: number;
  /** Where the file is moved to (`log-backupname`); by default its name and the unix time. */
  readonly backupName?: string | undefined;
}

/**
 * A file that lines are appended to; also a FIFO or a device. A file that could not be opened anew is tried again with each batch.
 */
export class FileSink implements LogSink {
  readonly name: string;
  readonly #options: FileSinkOptions;
  #writer: DescriptorWriter | undefined;
  #size = 0;

  /** @throws when the file cannot be opened; a missing directory is made */
  constructor(file: string, options: FileSinkOptions = {}) {
    this.name = file;
    this.#options = options;
    makeDirectory(path.dirname(file));
    this.#writer = this.#open(options.truncate === true ? O_TRUNC : 0);
  }

  write(batch: LineBatch, done: (error: Error | undefined) => void): void {
    const bytes = batch.toBuffer();
    let writer: DescriptorWriter;
    try {
      this.#rotateWhenFull();
      writer = this.#writer ??= this.#open();
    } catch (error) {
      done(error as Error);
      return;
    }
    this.#size += bytes.length;
    writer.write(bytes, done);
  }

  writeSync(batch: LineBatch): void {
    this.#rotateWhenFull();
    this.#writer ??= this.#open();
    const bytes = batch.toBuffer();
    this.#size += bytes.length;
    this.#writer.writeSync(bytes);
  }

  reopen(): void {
    this.close();
    this.#writer = this.#open();
  }

  rotate(): void {
    this.#moveTo(this.#backupName());
  }

  close(): void {
    this.#writer?.close();
    this.#writer = undefined;
  }

  #rotateWhenFull(): void {
    const { maxSizeBytes = 0 } = this.#options;
    if (maxSizeBytes === 0 || this.#size <= maxSizeBytes) return;
    const backup = this.#backupName();
    const date = ctime(Math.floor(Date.now() / 1000));
    const note = `${date} - logsize: ${this.#size}, triggering rotation to ${backup}...\n`;
    this.#writer?.writeSync(Buffer.from(note));
    this.#moveTo(backup);
  }

  #backupName(): string {
    return this.#options.backupName ?? `${this.name}.${Math.floor(Date.now() / 1000)}`;
  }

  #moveTo(backup: string): void {
    renameSync(this.name, backup);
    this.reopen();
  }

  #open(extraFlags = 0): DescriptorWriter {
    const flags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | extraFlags;
    const descriptor = openSync(this.name, flags, this.#options.mode ?? DEFAULT_MODE);
    const { owner } = this.#options;
    if (owner !== undefined) fchownSync(descriptor, owner.uid, owner.gid);
    const stat = fstatSync(descriptor);
    this.#size = stat.isFile() ? stat.size : 0;
    return createDescriptorWriter(descriptor, !stat.isFile());
  }
}

/** As `mkdir -p`. (Node's own `recursive` never returns where a file system refuses directories with ENOENT, as /proc does.) */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectory(path.dirname(directory));
  mkdirSync(directory);
}
