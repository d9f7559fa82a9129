import { Socket } from 'node:net';

import { EmperorByte, VassalByte } from '@emperor/protocol';

import type { Emperor } from './emperor.ts';
import type { EndRequest } from './end-signal.ts';
import type { Environment } from './vassal/vassal-environment.ts';

/** The emperor above an emperor that is itself a vassal (UWSGI-FACTS 13.3, `sub-Emperor`). */
export class Overlord {
  /** Ends when we are to stop: it says so, or it is gone. */
  readonly stopped: Promise<EndRequest>;
  readonly #socket: Socket;

  /** Undefined for an emperor of its own. */
  static of(emperor: Emperor, environment: Environment): Overlord | undefined {
    const descriptor = Number(environment['UWSGI_EMPEROR_FD'] ?? '');
    return descriptor > 0 ? new Overlord(emperor, descriptor) : undefined;
  }

  private constructor(emperor: Emperor, descriptor: number) {
    this.#socket = new Socket({ fd: descriptor, readable: true, writable: true });
    this.stopped = new Promise((resolve) => {
      this.#socket.on('data', (bytes) => {
        for (const byte of bytes) {
          if (byte === EmperorByte.reload) this.#reload(emperor);
          else if (byte === EmperorByte.stop || byte === EmperorByte.gracefulStop)
            resolve({ reason: 'a stop from the emperor above', how: 'stop' });
        }
      });
      this.#socket.on('error', () => undefined);
      this.#socket.on('close', () => resolve({ reason: 'the end of the emperor above', how: 'stop' }));
    });
  }

  /** Our vassals are on their way. */
  announce(): void {
    this.#socket.write(Buffer.of(VassalByte.spawned, VassalByte.accepting));
  }

  /** How each of our vassals fares with it is for our log; we ourselves are as ready as before. */
  #reload(emperor: Emperor): void {
    emperor.reload('a reload from the emperor above');
    this.#socket.write(Buffer.of(VassalByte.accepting));
  }

  close(): void {
    this.#socket.destroy();
  }
}
