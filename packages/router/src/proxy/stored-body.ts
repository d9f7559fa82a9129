import { Buffer } from 'node:buffer';
import { close, open, read, unlink, writev } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { BodyReceiver, RequestBody } from '@emperor/http';
import { bufferPool } from '@emperor/transport';

import type { BodySink, OutgoingBody } from './outgoing-body.ts';

/** What waits to be written to the file; beyond it the client has to wait. */
const MAX_QUEUED_BYTES = 1_048_576;
const READ_BYTES = 65_536;

/** Told when all of a body has been collected. */
export interface CollectionObserver {
  collected(): void;
  /** The client did not send all of it. */
  clientFailed(error: Error): void;
  /** It could not be stored: disk full, no directory for temporary files. */
  storeFailed(error: Error): void;
}

/**
 * A body that is collected as a whole before it is sent on: in memory up to a bound, beyond it in a file that has no name
 * (in TMPDIR, as uWSGI's post-buffering), so that nothing stays behind however the process ends.
 */
export class StoredBody implements OutgoingBody, BodyReceiver {
  readonly replayable = true;
  length = 0;
  readonly #memoryBytes: number;
  readonly #body: RequestBody;
  readonly #observer: CollectionObserver;
  /** Collected and, where there is a file, not yet in it. */
  #chunks: Buffer[] = [];
  #queuedBytes = 0;
  #descriptor: number | undefined;
  #phase: 'memory' | 'opening' | 'file' = 'memory';
  #writing = false;
  #clientDone = false;
  #discarded = false;
  #sink: BodySink | undefined;
  #offset = 0;
  #reading = false;
  #waiting = false;

  constructor(body: RequestBody, memoryBytes: number, observer: CollectionObserver) {
    this.#body = body;
    this.#memoryBytes = memoryBytes;
    this.#observer = observer;
  }

  collect(): void {
    this.#body.receive(this);
  }

  /** Frees what is stored. */
  discard(): void {
    if (this.#discarded) return;
    this.#discarded = true;
    this.#sink = undefined;
    this.#chunks = [];
    this.#closeUnused();
  }

  // ---- from the client

  onBodyData(chunk: Buffer): void {
    if (this.#discarded) return;
    this.#chunks.push(Buffer.from(chunk));
    this.#queuedBytes += chunk.length;
    this.length += chunk.length;
    if (this.#phase === 'memory' && this.length > this.#memoryBytes) this.#openFile();
    else if (this.#phase === 'file') this.#flush();
    if (this.#phase !== 'memory' && this.#queuedBytes > MAX_QUEUED_BYTES) this.#body.pause();
  }

  onBodyEnd(): void {
    this.#clientDone = true;
    this.#announce();
  }

  onBodyError(error: Error): void {
    if (!this.#discarded) this.#observer.clientFailed(error);
  }

  #announce(): void {
    if (!this.#clientDone || this.#discarded) return;
    if (this.#phase === 'memory' || (this.#phase === 'file' && this.#queuedBytes === 0)) this.#observer.collected();
  }

  // ---- into the file

  #openFile(): void {
    this.#phase = 'opening';
    // Not imported: it would cost every vassal a megabyte.
    const { randomUUID } = process.getBuiltinModule('node:crypto');
    const path = join(tmpdir(), `emperor-body-${randomUUID()}`);
    open(path, 'wx+', 0o600, (error, descriptor) => {
      if (error !== null) {
        this.#storeFailed(error);
        return;
      }
      this.#descriptor = descriptor;
      unlink(path, (unlinkError) => {
        this.#phase = 'file';
        if (unlinkError !== null) this.#storeFailed(unlinkError);
        else if (this.#discarded) this.#closeUnused();
        else this.#flush();
      });
    });
  }

  #flush(): void {
    const descriptor = this.#descriptor;
    if (this.#writing || descriptor === undefined || this.#chunks.length === 0) return;
    this.#writing = true;
    const batch = this.#chunks;
    this.#chunks = [];
    this.#writeBatch(descriptor, batch);
  }

  #writeBatch(descriptor: number, batch: Buffer[]): void {
    writev(descriptor, batch, (error, written) => {
      this.#writing = false;
      this.#queuedBytes -= written;
      if (error !== null) {
        this.#storeFailed(error);
      } else if (this.#discarded) {
        this.#closeUnused();
      } else {
        this.#chunks.unshift(...remainder(batch, written));
        this.#flush();
        if (this.#queuedBytes <= MAX_QUEUED_BYTES / 2) this.#body.resume();
        this.#announce();
      }
    });
  }

  #storeFailed(error: Error): void {
    if (this.#discarded) {
      this.#closeUnused();
      return;
    }
    this.discard();
    this.#observer.storeFailed(error);
  }

  // ---- out again

  send(sink: BodySink): void {
    this.#sink = sink;
    this.#offset = 0;
    this.#waiting = false;
    if (this.#phase !== 'memory') {
      this.#readOn();
      return;
    }
    for (const chunk of this.#chunks) sink.writeBody(chunk);
    sink.bodySent();
  }

  proceed(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#readOn();
  }

  stop(): void {
    this.#sink = undefined;
  }

  #readOn(): void {
    const descriptor = this.#descriptor;
    if (this.#reading || descriptor === undefined || this.#sink === undefined) return;
    const position = this.#offset;
    if (position === this.length) {
      this.#sink.bodySent();
      return;
    }
    this.#reading = true;
    const buffer = bufferPool.take(READ_BYTES);
    const { bytes: piece } = buffer;
    read(descriptor, piece, 0, Math.min(piece.length, this.length - position), position, (error, bytes) => {
      this.#reading = false;
      if (this.#discarded) this.#closeUnused();
      // Sent from the beginning again while this was read.
      else if (this.#offset !== position) this.#readOn();
      else if (error !== null || bytes === 0)
        this.#sink?.bodyFailed(error ?? new Error('the temporary file is shorter'));
      else this.#pass(piece.subarray(0, bytes));
      bufferPool.release(buffer);
    });
  }

  #pass(piece: Buffer): void {
    this.#offset += piece.length;
    if (this.#sink?.writeBody(piece) === false) this.#waiting = true;
    else this.#readOn();
  }

  /** Closes the file as soon as nothing in flight uses it. */
  #closeUnused(): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined || this.#writing || this.#reading || this.#phase === 'opening') return;
    this.#descriptor = undefined;
    close(descriptor, () => {});
  }
}

/** What a partial write left over. */
function remainder(batch: readonly Buffer[], written: number): Buffer[] {
  let skip = written;
  return batch.flatMap((chunk) => {
    const taken = Math.min(skip, chunk.length);
    skip -= taken;
    return taken === chunk.length ? [] : [chunk.subarray(taken)];
  });
}
