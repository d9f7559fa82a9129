import { Buffer } from 'node:buffer';

import { closeDescriptor } from './descriptor.ts';
import { checked, libc } from './libc.ts';
import { boundPort } from './listening-socket.ts';
import { setSocketBuffers } from './socket-options.ts';
import { AF_UNIX, encodeTcpAddress, encodeUnixAddress, type EncodedAddress } from './socket-address.ts';
import { PinnedBuffer } from './pinned-memory.ts';
import { decodeTcpName } from './tcp-name.ts';

const socket = libc.func('int socket(int, int, int)');
const bind = libc.func('int bind(int, const void *, uint32_t)');
const setsockopt = libc.func('int setsockopt(int, int, int, const void *, uint32_t)');
const recvfrom = libc.func('long recvfrom(int, uintptr_t, size_t, int, uintptr_t, uintptr_t)');

const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
/** The largest there is. */
const DATAGRAM_BYTES = 65_536;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
const RECEIVE_BUFFER_BYTES = 4_194_304;
const SOCKADDR_STORAGE_BYTES = 128;

export interface Datagram {
  /** Belongs to the receiver. */
  readonly bytes: Buffer;
  /** IP address of the sender; empty for a UNIX socket. */
  readonly sender: string;
}

/** Receives datagrams at an address, UDP or a UNIX socket, which Node's own `dgram` does not know. Never blocks. */
export class BoundDatagramSocket {
  readonly descriptor: number;
  /** UDP: the port, chosen by the kernel when 0 was asked. UNIX: 0. */
  readonly port: number;
  readonly #datagram = new PinnedBuffer(DATAGRAM_BYTES);
  readonly #sender = new PinnedBuffer(SOCKADDR_STORAGE_BYTES);
  readonly #senderLength = new PinnedBuffer(4);

  private constructor(address: EncodedAddress) {
    this.descriptor = checked('socket', socket(address.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) as number);
    try {
      makeRoom(this.descriptor);
      checked('bind', bind(this.descriptor, address.bytes, address.bytes.length) as number);
      this.port = address.family === AF_UNIX ? 0 : boundPort(this.descriptor);
    } catch (error) {
      closeDescriptor(this.descriptor);
      throw error;
    }
  }

  /** @throws SystemCallError when the address cannot be bound; RangeError when `host` is not an IP address */
  static udp(host: string, port: number): BoundDatagramSocket {
    return new BoundDatagramSocket(encodeTcpAddress(host, port));
  }

  /** A leading NUL in `path` makes it abstract. An existing file is the caller's business. @throws SystemCallError, RangeError */
  static unix(path: string): BoundDatagramSocket {
    return new BoundDatagramSocket(encodeUnixAddress(path));
  }

  /** Takes the next datagram; undefined when none is there. */
  receive(): Datagram | undefined {
    this.#sender.bytes.fill(0, 0, 2);
    this.#senderLength.bytes.writeInt32LE(SOCKADDR_STORAGE_BYTES);
    const { address, bytes } = this.#datagram;
    const length = recvfrom(
      this.descriptor,
      address,
      bytes.length,
      0,
      this.#sender.address,
      this.#senderLength.address,
    );
    if ((length as number) < 0) return undefined;
    return {
      bytes: Buffer.from(bytes.subarray(0, length as number)),
      sender: decodeTcpName(this.#sender.bytes).host,
    };
  }

  close(): void {
    closeDescriptor(this.descriptor);
  }
}

/** Nothing tells a sender that a datagram was dropped. Beyond what the system allows for everybody only root can go. */
function makeRoom(descriptor: number): void {
  const size = Buffer.alloc(4);
  size.writeInt32LE(RECEIVE_BUFFER_BYTES);
  if ((setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, size, size.length) as number) < 0)
    setSocketBuffers(descriptor, { receive: RECEIVE_BUFFER_BYTES });
}
