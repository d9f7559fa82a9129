import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

import { patienceMs, within } from '../rig/until.ts';

/** Frame types and flags (RFC 9113 section 6). */
export const FrameType = {
  data: 0,
  headers: 1,
  priority: 2,
  resetStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
export const FrameFlag = { endStream: 1, acknowledge: 1, endHeaders: 4 } as const;

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const HEADER_BYTES = 9;

// length (24) · type (8) · flags (8) · reserved (1) and stream (31) · payload
export function frame(type: number, flags: number, stream: number, payload: Uint8Array | string = ''): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : Buffer.from(payload);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUIntBE(body.length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, body]);
}

/** A field without compression and without a place in the table (RFC 7541 section 6.2.2). */
function literal(name: string, value: string): Buffer {
  const length = (text: string): Buffer => {
    if (text.length < 127) return Buffer.from([text.length]);
    const bytes = [127];
    let rest = text.length - 127;
    for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
    return Buffer.from([...bytes, rest]);
  };
  return Buffer.concat([Buffer.from([0]), length(name), Buffer.from(name), length(value), Buffer.from(value)]);
}

/** The fields of a request. */
export function requestFields(method: string, path: string, more: readonly (readonly [string, string])[] = []): Buffer {
  const fields: (readonly [string, string])[] = [
    [':method', method],
    [':scheme', 'https'],
    [':authority', 'a'],
    [':path', path],
    ...more,
  ];
  return Buffer.concat(fields.map(([name, value]) => literal(name, value)));
}

/** An HTTP/2 connection that sends whatever frames it is told to. */
export class FrameClient implements AsyncDisposable {
  readonly #socket: TLSSocket;
  readonly #closed: Promise<unknown>;
  #received: Buffer = Buffer.alloc(0);
  #onFrame: () => void = () => {};
  /** Types, flags, streams and payloads that came, in order. */
  readonly frames: { type: number; flags: number; stream: number; payload: Buffer }[] = [];

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    this.#closed = new Promise((resolve) => {
      socket.on('close', resolve);
    });
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  /** @param settings identifiers and values */
  static async connect(
    port: number,
    settings: readonly (readonly [id: number, value: number])[] = [],
  ): Promise<FrameClient> {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    await within(patienceMs, 'the TLS handshake', once(socket, 'secureConnect'));
    const client = new FrameClient(socket);
    const payload = Buffer.alloc(6 * settings.length);
    settings.forEach(([id, value], index) => {
      payload.writeUInt16BE(id, 6 * index);
      payload.writeUInt32BE(value, 6 * index + 2);
    });
    client.send(Buffer.from(PREFACE), frame(FrameType.settings, 0, 0, payload));
    return client;
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      if (this.#received.length < HEADER_BYTES) break;
      const end = HEADER_BYTES + this.#received.readUIntBE(0, 3);
      if (this.#received.length < end) break;
      this.frames.push({
        type: this.#received.readUInt8(3),
        flags: this.#received.readUInt8(4),
        stream: this.#received.readUInt32BE(5),
        payload: Buffer.from(this.#received.subarray(HEADER_BYTES, end)),
      });
      this.#received = this.#received.subarray(end);
    }
    this.#onFrame();
  }

  send(...frames: readonly Uint8Array[]): void {
    if (!this.#socket.destroyed) this.#socket.write(Buffer.concat(frames));
  }

  /** Takes nothing more of what the server sends. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  /** Waits for a frame of that type, and stream if given. */
  async until(type: number, stream?: number): Promise<Buffer> {
    const find = (): Buffer | undefined =>
      this.frames.find((one) => one.type === type && (stream === undefined || one.stream === stream))?.payload;
    const wait = async (): Promise<Buffer> => {
      for (;;) {
        const payload = find();
        if (payload !== undefined) return payload;
        if (this.isClosed) throw new Error(`closed without a frame of type ${type}`);
        await new Promise<void>((resolve) => (this.#onFrame = resolve));
      }
    };
    return await within(patienceMs, `a frame of type ${type}`, wait());
  }

  /** Goes on sending until the server ends the connection. @returns how many times it was sent */
  async floodWith(frames: Uint8Array, most: number): Promise<number> {
    let times = 0;
    while (!this.isClosed && times < most) {
      if (!this.#socket.write(frames)) await Promise.race([this.#drained(), this.#closed]);
      times++;
      if (times % 16 === 0) await new Promise(setImmediate);
    }
    return times;
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.once('drain', resolve);
    });
  }

  async closed(): Promise<void> {
    await within(patienceMs, 'the server to end the connection', this.#closed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.#closed;
  }
}
