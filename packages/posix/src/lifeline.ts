import { closeDescriptor } from './descriptor.ts';
import { checked, libc } from './libc.ts';
import { createSocketPair } from './socket-pair.ts';

const fcntl = libc.func('int fcntl(int, int, long)');

const F_GETFL = 3;
const F_SETFL = 4;
const F_SETOWN = 8;
const O_ASYNC = 0o20000;

/**
 * Ends a process group when this process is gone, however it goes: the kernel sends SIGIO to the group as soon as our end of a socket pair
 * vanishes. The group must hold the other end open (`inherited`, to be passed to the child); a program that closes what it has not opened
 * escapes.
 */
export class Lifeline {
  /** For the child. */
  readonly inherited: number;
  readonly #ours: number;

  constructor() {
    [this.#ours, this.inherited] = createSocketPair();
  }

  /** The child runs, as the leader of a group of its own. */
  tie(group: number): void {
    checked('fcntl', fcntl(this.inherited, F_SETOWN, -group) as number);
    const flags = checked('fcntl', fcntl(this.inherited, F_GETFL, 0) as number);
    checked('fcntl', fcntl(this.inherited, F_SETFL, flags | O_ASYNC) as number);
    closeDescriptor(this.inherited);
  }

  /** The child could not be started. */
  drop(): void {
    closeDescriptor(this.inherited);
    closeDescriptor(this.#ours);
  }

  /** The child is gone. What it has left running in its group is ended by the kernel. */
  release(): void {
    closeDescriptor(this.#ours);
  }
}
