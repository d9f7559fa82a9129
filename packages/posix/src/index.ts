export { DatagramSocket } from './datagram-socket.ts';
export { closeDescriptor, duplicate, replaceDescriptor, setInheritable } from './descriptor.ts';
export { makeFifo } from './fifo.ts';
export { SystemCallError } from './libc.ts';
export {
  boundPort,
  listenTcp,
  listenUnix,
  systemBacklogLimit,
  type ListeningSocket,
  type ListenOptions,
} from './listening-socket.ts';
export { hashPassword, hashPasswordSync } from './password-hash.ts';
export { setParentDeathSignal } from './process-control.ts';
export { createSocketPair, sendDescriptor } from './socket-pair.ts';
export { setResetOnClose } from './socket-options.ts';
