import { isMainThread } from 'node:worker_threads';

import { koffi } from './koffi.ts';
import { libc } from './libc.ts';

/** `UV_POLL` of `enum uv_handle_type`, `UV_READABLE` of `enum uv_poll_event` (libuv's uv.h; part of its stable ABI). */
const UV_POLL = 8;
const UV_READABLE = 1;

interface LibUv {
  readonly defaultLoop: () => unknown;
  readonly pollInit: (loop: unknown, handle: unknown, descriptor: number) => number;
  readonly pollStart: (handle: unknown, events: number, callback: unknown) => number;
  readonly ref: (handle: unknown) => void;
  readonly unref: (handle: unknown) => void;
  readonly handleSize: (type: number) => number | bigint;
  readonly callbackType: unknown;
}

let loaded: LibUv | undefined;

/** Node exports libuv's functions to its native addons; through them the event loop can be asked to watch any descriptor. */
function loadLibUv(): LibUv {
  if (loaded !== undefined) return loaded;
  const callback = koffi.proto('void EmperorPollCallback(void *handle, int status, int events)');
  loaded = {
    defaultLoop: libc.func('void *uv_default_loop()'),
    pollInit: libc.func('int uv_poll_init(void *, void *, int)'),
    pollStart: libc.func('int uv_poll_start(void *, int, EmperorPollCallback *)'),
    ref: libc.func('void uv_ref(void *)'),
    unref: libc.func('void uv_unref(void *)'),
    handleSize: libc.func('size_t uv_handle_size(int)'),
    callbackType: koffi.pointer(callback),
  };
  return loaded;
}

/** Why `LoopWatch` does not work here; undefined when it does. */
export function loopWatchObstacle(): string | undefined {
  if (process.platform !== 'linux') return `epoll is Linux's, this is ${process.platform}`;
  if (!isMainThread) return 'only the main thread has the default event loop';
  try {
    loadLibUv();
    return undefined;
  } catch (error) {
    return `this Node does not export libuv: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/**
 * Has Node's own event loop watch a descriptor, for as long as the process lives. Meant for the descriptor of an epoll instance,
 * which is readable when one of the descriptors in it has something to tell: so thousands of sockets are watched without a thread
 * that waits for them.
 */
export class LoopWatch {
  readonly #uv: LibUv;
  readonly #handle: unknown;
  readonly #callback: unknown;

  /** @param onReadable called in the poll phase of the event loop, outside of any callback scope: it should only call `setImmediate` */
  constructor(descriptor: number, onReadable: () => void) {
    const uv = loadLibUv();
    this.#uv = uv;
    this.#handle = koffi.alloc('char', Number(uv.handleSize(UV_POLL)));
    this.#callback = koffi.register(onReadable, uv.callbackType as never);
    this.#succeed('uv_poll_init', uv.pollInit(uv.defaultLoop(), this.#handle, descriptor));
    this.#succeed('uv_poll_start', uv.pollStart(this.#handle, UV_READABLE, this.#callback));
    this.unref();
  }

  #succeed(name: string, result: number): void {
    if (result < 0) throw new Error(`${name} failed with ${result}`);
  }

  /** Keeps the process alive. */
  ref(): void {
    this.#uv.ref(this.#handle);
  }

  /** Lets the process end although it watches. */
  unref(): void {
    this.#uv.unref(this.#handle);
  }
}
