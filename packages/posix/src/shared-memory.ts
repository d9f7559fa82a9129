import { Buffer } from 'node:buffer';
import { closeSync, fstatSync, openSync } from 'node:fs';

import { koffi } from './koffi.ts';
import { checked, declareLinux, SystemCallError } from './libc.ts';

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_FAILED = -1n;
const F_GET_SEALS = 1034;
const F_SEAL_SHRINK = 2;

/** Declared with the first use: few processes need them. */
class Calls {
  static #shared: Calls | undefined;
  readonly map = declareLinux('intptr_t mmap(uintptr_t, size_t, int, int, int, long)');
  readonly unmap = declareLinux('int munmap(uintptr_t, size_t)');
  readonly control = declareLinux('int fcntl(int, int)');

  static get shared(): Calls {
    return (Calls.#shared ??= new Calls());
  }
}

/** Memory that another process has made (memfd_create(2)) and uses at the same time. Linux only. */
export class SharedMemory {
  /** Not to be touched after `detach`: it would end this process. */
  readonly bytes: Buffer;
  readonly #address: bigint;

  private constructor(address: bigint, size: number) {
    this.#address = address;
    this.bytes = Buffer.from(koffi.view(address, size));
  }

  /**
   * @param path of the memory, such as `/proc/PID/fd/N`
   * @param size bytes that are expected there
   * @throws Error when it is smaller, or may become smaller (it must be sealed: to read what is no longer there would end this process)
   */
  static attach(path: string, size: number): SharedMemory {
    const descriptor = openSync(path, 'r+');
    try {
      const seals = checked('fcntl', Calls.shared.control(descriptor, F_GET_SEALS) as number);
      if ((seals & F_SEAL_SHRINK) === 0)
        throw new Error(`cannot use the memory ${path}: it is not sealed against shrinking`);
      const present = fstatSync(descriptor).size;
      if (present < size) throw new Error(`cannot use the memory ${path}: it has ${present} bytes instead of ${size}`);
      const address = BigInt(Calls.shared.map(0, size, PROT_READ_WRITE, MAP_SHARED, descriptor, 0) as number | bigint);
      if (address === MAP_FAILED) throw new SystemCallError('mmap', koffi.errno());
      return new SharedMemory(address, size);
    } finally {
      closeSync(descriptor);
    }
  }

  detach(): void {
    Calls.shared.unmap(this.#address, this.bytes.length);
  }
}
