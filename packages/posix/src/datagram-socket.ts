import { closeDescriptor } from './descriptor.ts';
import { DescriptorMessage } from './descriptor-message.ts';
import { checked, libc } from './libc.ts';
import { encodeTcpAddress, encodeUnixAddress, type EncodedAddress } from './socket-address.ts';

const socket = libc.func('int socket(int, int, int)');
const sendto = libc.func('long sendto(int, const void *, size_t, int, const void *, uint32_t)');
const sendmsg = libc.func('long sendmsg(int, const void *, int)');

const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** Sends datagrams to one address, over UDP or a UNIX socket, which Node's own `dgram` does not know. Never blocks. */
export class DatagramSocket {
  readonly #descriptor: number;
  readonly #address: EncodedAddress;

  private constructor(address: EncodedAddress) {
    this.#address = address;
    this.#descriptor = checked(
      'socket',
      socket(address.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) as number,
    );
  }

  /** @throws RangeError when `host` is not an IP address */
  static udp(host: string, port: number): DatagramSocket {
    return new DatagramSocket(encodeTcpAddress(host, port));
  }

  /** A leading NUL in `path` makes it abstract. Nothing need listen there yet. @throws RangeError for a path that is too long */
  static unix(path: string): DatagramSocket {
    return new DatagramSocket(encodeUnixAddress(path));
  }

  /** @throws SystemCallError: EAGAIN when the receiver is behind, ECONNREFUSED or ENOENT when there is none */
  send(bytes: Uint8Array): void {
    const { bytes: name } = this.#address;
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    checked('sendto', sendto(this.#descriptor, bytes, bytes.length, flags, name, name.length) as number);
  }

  /** With a descriptor, of which the receiver gets a copy. UNIX sockets only. @throws SystemCallError as `send` */
  sendDescriptor(bytes: Uint8Array, descriptor: number): void {
    const message = new DescriptorMessage(bytes, this.#address.bytes);
    message.descriptor = descriptor;
    checked('sendmsg', Number(sendmsg(this.#descriptor, message.header, MSG_DONTWAIT | MSG_NOSIGNAL)));
  }

  close(): void {
    closeDescriptor(this.#descriptor);
  }
}
