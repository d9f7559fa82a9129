import { Buffer } from 'node:buffer';

import { checked, libc } from './libc.ts';

const setsockopt = libc.func('int setsockopt(int, int, int, const void *, uint32_t)');

const SOL_SOCKET = 1;
const SO_LINGER = 13;

/** Makes `close` cut a TCP connection (RST) and drop what is not sent yet, instead of sending it in the background. */
export function setResetOnClose(descriptor: number): void {
  // struct linger { int l_onoff; int l_linger; }
  const linger = Buffer.alloc(8);
  linger.writeInt32LE(1, 0);
  checked('setsockopt', setsockopt(descriptor, SOL_SOCKET, SO_LINGER, linger, linger.length) as number);
}
