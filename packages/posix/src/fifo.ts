import { checked, libc } from './libc.ts';

const mkfifo = libc.func('int mkfifo(const char *, uint32_t)');

/** Makes a named pipe. @throws SystemCallError, such as EEXIST */
export function makeFifo(path: string, mode: number): void {
  checked('mkfifo', mkfifo(path, mode) as number);
}
