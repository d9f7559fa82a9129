import { closeDescriptor } from './descriptor.ts';
import { checked, declareLinux } from './libc.ts';
import { PinnedWords } from './pinned-memory.ts';

const epollCreate = declareLinux('int epoll_create1(int)');
const epollControl = declareLinux('int epoll_ctl(int, int, int, uintptr_t)');
const epollWait = declareLinux('int epoll_wait(int, uintptr_t, int, int)');

const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;

/** What epoll(7) tells and is asked for. */
export const EpollEvent = {
  in: 0x001,
  out: 0x004,
  error: 0x008,
  hangUp: 0x010,
  peerHangUp: 0x2000,
  /** Only changes are told. */
  edgeTriggered: 0x8000_0000,
} as const;

// struct epoll_event { uint32_t events; epoll_data_t data; }, packed on x86-64 only (epoll_ctl(2)).
const EVENT_WORDS = process.arch === 'x64' ? 3 : 4;
const DATA_WORD = process.arch === 'x64' ? 1 : 2;

/**
 * Watches many descriptors. A serial number chosen by the caller comes back with each event, so that an event for a descriptor
 * that has been closed and given out again meanwhile can be told from one for its new owner.
 */
export class Epoll {
  readonly descriptor: number;
  readonly #capacity: number;
  readonly #words: Uint32Array;
  readonly #address: number;
  readonly #request: PinnedWords = new PinnedWords(EVENT_WORDS);

  /** @param capacity events taken by one `wait` */
  constructor(capacity: number) {
    this.descriptor = checked('epoll_create1', epollCreate(EPOLL_CLOEXEC) as number);
    this.#capacity = capacity;
    const events = new PinnedWords(capacity * EVENT_WORDS);
    this.#words = events.words;
    this.#address = events.address;
  }

  /** @throws SystemCallError */
  add(descriptor: number, events: number, serial: number): void {
    this.#control(EPOLL_CTL_ADD, descriptor, events, serial);
  }

  /** @throws SystemCallError */
  modify(descriptor: number, events: number, serial: number): void {
    this.#control(EPOLL_CTL_MOD, descriptor, events, serial);
  }

  /** Not needed before a close. @throws SystemCallError */
  remove(descriptor: number): void {
    this.#control(EPOLL_CTL_DEL, descriptor, 0, 0);
  }

  #control(operation: number, descriptor: number, events: number, serial: number): void {
    const { words, address } = this.#request;
    words[0] = events;
    words[DATA_WORD] = descriptor;
    words[DATA_WORD + 1] = serial;
    checked('epoll_ctl', epollControl(this.descriptor, operation, descriptor, address) as number);
  }

  /** Takes what has happened, without waiting. @returns the number of events, to be read with the methods below until the next call */
  poll(): number {
    const count = epollWait(this.descriptor, this.#address, this.#capacity, 0) as number;
    return Math.max(count, 0);
  }

  eventsAt(index: number): number {
    return this.#words[index * EVENT_WORDS] ?? 0;
  }

  descriptorAt(index: number): number {
    return this.#words[index * EVENT_WORDS + DATA_WORD] ?? -1;
  }

  serialAt(index: number): number {
    return this.#words[index * EVENT_WORDS + DATA_WORD + 1] ?? 0;
  }

  close(): void {
    closeDescriptor(this.descriptor);
  }
}
