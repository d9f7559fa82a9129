import type { Transport } from '@emperor/transport';

import { Companion, type CompanionSettings } from './companion.ts';
import type { WorkerExit, ZygoteKeeper } from './zygote-keeper.ts';

/** Numbers of companions start here: those of workers never come so far. */
const FIRST_SERIAL = 0x4000_0000;

/** The companions of one app server, by the number their zygote knows them under. */
export class Companions {
  readonly #keeper: ZygoteKeeper;
  readonly #transport: Transport;
  readonly #running = new Map<number, Companion>();
  readonly #all: Companion[] = [];
  #lastSerial = FIRST_SERIAL;

  constructor(keeper: ZygoteKeeper, transport: Transport) {
    this.#keeper = keeper;
    this.#transport = transport;
  }

  /** One that is not started yet. */
  add(settings: CompanionSettings): Companion {
    const companion = new Companion(settings, {
      keeper: this.#keeper,
      transport: this.#transport,
      enlist: (self) => {
        this.#running.set(++this.#lastSerial, self);
        return this.#lastSerial;
      },
      dismiss: (serial) => this.#running.delete(serial),
    });
    this.#all.push(companion);
    return companion;
  }

  ofRole(role: Companion['role']): readonly Companion[] {
    return this.#all.filter((companion) => companion.role === role);
  }

  /** Ends them all; see `Companion.stop`. */
  async stop(graceMs: number): Promise<void> {
    await Promise.all(this.#all.map((companion) => companion.stop(graceMs)));
  }

  /** @returns whether the process is one of these */
  onForked(serial: number, pid: number): boolean {
    this.#running.get(serial)?.onForked(pid);
    return serial >= FIRST_SERIAL;
  }

  /** @returns whether the process is one of these */
  onNotForked(serial: number): boolean {
    this.#running.get(serial)?.onNotForked();
    return serial >= FIRST_SERIAL;
  }

  /** @returns whether the process is one of these */
  onExited(exit: WorkerExit): boolean {
    this.#running.get(exit.serial)?.onExited(exit);
    return exit.serial >= FIRST_SERIAL;
  }
}
