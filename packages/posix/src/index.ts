export { leaveNamespaces, NAMESPACES } from './namespaces.ts';
export { BoundDatagramSocket, type Datagram } from './bound-datagram-socket.ts';
export { DatagramSocket } from './datagram-socket.ts';
export { closeDescriptor, duplicate, replaceDescriptor, setInheritable } from './descriptor.ts';
export { makeFifo } from './fifo.ts';
export { FILE_ACTIONS, isFileAction, performFileAction, type FileActionName } from './file-action.ts';
export { lockFile } from './file-lock.ts';
export { makeDirectories } from './make-directories.ts';
export { returnFreeMemory } from './free-memory.ts';
export { SystemCallError } from './libc.ts';
export {
  boundPath,
  boundPort,
  listenTcp,
  listenUnix,
  systemBacklogLimit,
  type ListeningSocket,
  type ListenOptions,
} from './listening-socket.ts';
export { Lifeline } from './lifeline.ts';
export { createPipe } from './pipe.ts';
export { findProgram, isExecutable } from './program.ts';
export { hashPassword, hashPasswordSync } from './password-hash.ts';
export { reapChild, setParentDeathSignal, type ChildEnd } from './process-control.ts';
export { limitResource } from './resource-limits.ts';
export { createSocketPair, receiveDescriptor, sendDescriptor, type ReceivedDescriptor } from './socket-pair.ts';
export { Epoll, EpollEvent } from './epoll.ts';
export { LoopWatch, loopWatchObstacle } from './loop-watch.ts';
export { AF_UNIX, encodeTcpAddress, encodeUnixAddress, type EncodedAddress } from './socket-address.ts';
export {
  acceptedAddress,
  acceptSocket,
  closeSocket,
  connectSocket,
  openSocket,
  receive,
  sendBytes,
  sendFilePart,
  sendPinned,
  shutdownWriting,
  takeSocketError,
} from './socket-io.ts';
export { PinnedBuffer } from './pinned-memory.ts';
export { SharedMemory } from './shared-memory.ts';
export {
  localTcpName,
  peerTcpName,
  setNoDelay,
  setNonBlocking,
  setResetOnClose,
  setSocketBuffers,
} from './socket-options.ts';
export { decodeTcpName, type TcpName } from './tcp-name.ts';
