import { constants, lstatSync, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';

import { makeFifo } from '@emperor/posix';

import { StartError } from './start-error.ts';

/** Takes one-letter commands from a named pipe (`master-fifo`, UWSGI-FACTS 9.7). */
export class MasterFifo {
  readonly #path: string;
  readonly #socket: Socket;

  /** @throws StartError when there is something else at the path, or it cannot be made */
  constructor(path: string, onCommand: (letter: string) => void) {
    this.#path = path;
    this.#socket = new Socket({ fd: openFifo(path), readable: true, writable: false });
    this.#socket.setEncoding('latin1');
    this.#socket.on('error', () => {});
    this.#socket.on('data', (letters) => {
      for (const letter of letters.toString()) if (letter.trim() !== '') onCommand(letter);
    });
    this.#socket.unref();
  }

  close(): void {
    this.#socket.destroy();
    try {
      unlinkSync(this.#path);
    } catch {
      // Somebody else was quicker.
    }
  }
}

function openFifo(path: string): number {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found !== undefined && !found.isFIFO()) throw new Error('there is a file of another kind in its place');
    if (found === undefined) makeFifo(path, 0o600);
    // Open for both: with a writer of our own it never ends, whoever else comes and goes.
    return openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  } catch (error) {
    throw new StartError(
      `cannot use ${path} as master-fifo: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
