import { checked, libc } from './libc.ts';

const pipe2 = libc.func('int pipe2(_Out_ int *, int)');

const O_CLOEXEC = 0o2000000;

/**
 * A pipe: the end to read from and the end to write to, both blocking and not inheritable. For the output of programs that open
 * /dev/stderr anew: with a pipe that works, with the sockets of Node's own `pipe` it does not.
 */
export function createPipe(): [reader: number, writer: number] {
  const ends = [0, 0];
  checked('pipe2', pipe2(ends, O_CLOEXEC) as number);
  return ends as [number, number];
}
