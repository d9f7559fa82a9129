/**
 * Frames between a vassal and one of its Python workers, over one stream socket. All numbers are little-endian.
 *
 *     0  u32  payload length (the bytes that follow these twelve)
 *     4  u8   type
 *     5  u8   flags
 *     6  u16  unused, zero
 *     8  u32  stream: the request this frame belongs to, numbered by the vassal from 1; 0 is the channel itself
 *    12  …    payload
 *
 * Vassal to worker:
 *
 *     REQUEST      u32 length of the environ; environ (latin-1, `name NUL value NUL name NUL value …`); then the whole body,
 *                  unless the flag `bodyFollows` says that it must be pulled
 *     BODY         request body bytes; flag `end` behind the last, with none; flag `broken` when the rest will not come, with the
 *                  reason in words (UTF-8). After a WebSocket handshake each frame without flags is one message
 *     WINDOW       u32 more answer bytes the worker may send for this stream
 *     ABORT        the client is gone
 *     RETURN_SEEN  answer to a RETURN, whether it named streams or not
 *     STOP         finish what was received, then exit
 *     REPLY        the answer to a CALL: a JSON object with `id` and `value`, or `id` and `error`
 *     SIGNAL       the stream is the number of a signal of the app's (not of the kernel's) that is to be handled
 *     MAIL         bytes for a process that waits for them: a message to a mule, news for a spooler; the flag says which
 *     FILE_SEEN    u32 descriptor: the file of a RESPONSE, or the memory of a RING, has been opened or not, the worker may close it
 *     RING_READY   answer to a RING that can be used
 *
 * Worker to vassal:
 *
 *     RESPONSE     the 16 bytes of `ResponsePrefix`, the head (latin-1, `status NUL name NUL value NUL name NUL value …`) when the
 *                  flag `head` is set, body bytes; flag `end` on the last frame of an answer. With the flag `file` the body is a file:
 *                  u32 descriptor in the worker, u32 unused, u64 offset, u64 bytes. With the flag `ring` the body bytes are in the ring:
 *                  u32 where they begin, u32 bytes, u32 count of bytes put into the ring so far, with these and what was skipped
 *     PULL         u32 more request body bytes the worker is willing to take
 *     ABORT        the answer cannot be completed; the payload is a reason in words (UTF-8)
 *     RETURN       u32 stream, u32 stream, …: requests received and not begun, for another worker
 *     CALL         a JSON object with `id`, `name` and `args`: something the app wants to know or have done
 *     NOTE         a JSON object (UTF-8) with a member `type`: news that are not about a request
 *     RING         u32 descriptor in the worker, of memory for the bytes of large answers: see `answer-ring.ts`
 *     MESSAGE      one WebSocket message for the client; flag `binary`. It counts against the window like an answer
 */
import { Buffer } from 'node:buffer';

export const WorkerFrameType = {
  request: 1,
  body: 2,
  window: 3,
  abort: 4,
  returnSeen: 5,
  stop: 6,
  reply: 7,
  fileSeen: 8,
  ringReady: 9,
  signal: 12,
  mail: 13,
  response: 16,
  pull: 17,
  return: 18,
  note: 19,
  call: 20,
  message: 21,
  ring: 22,
} as const;

/** REQUEST: the body is not in the frame. */
export const REQUEST_BODY_FOLLOWS = 1;
/** REQUEST: the app has been quick, so more requests than the worker has threads may be on their way to it. */
export const REQUEST_MORE_MAY_FOLLOW = 2;
/** BODY: this was the last. */
export const BODY_END = 1;
/** BODY: the client will not send the rest. */
export const BODY_BROKEN = 2;
/** BODY, with `broken`: the client took too long. */
export const BODY_TIMED_OUT = 4;
/** RESPONSE: carries the head. */
export const RESPONSE_HEAD = 1;
/** RESPONSE: the answer is complete. */
export const RESPONSE_END = 2;
/** RESPONSE: the app has failed; this answer is the worker's own. */
export const RESPONSE_FAILED = 4;
/** RESPONSE: the body is a file that the worker has opened. */
export const RESPONSE_FILE = 8;
/** RESPONSE: the body in the frame comes from a small file (uWSGI's `via sendfile()`). */
export const RESPONSE_FROM_FILE = 16;
/** RESPONSE: the answer is complete although the app goes on: what still comes of it is dropped (`uwsgi.disconnect()`). */
export const RESPONSE_DISCONNECT = 32;
/** RESPONSE: the body is in the ring. */
export const RESPONSE_IN_RING = 64;
/** MESSAGE: no text. */
export const MESSAGE_BINARY = 1;

/** What a WebSocket message counts for when it is pulled, beside its bytes: many empty ones must not be free. */
export const MESSAGE_OVERHEAD_BYTES = 64;

/** MAIL: for whichever mule of a farm takes it first. */
export const MAIL_TO_FARM = 1;
/** The next MAIL goes on with this one. */
export const MAIL_CONTINUES = 2;

export const FRAME_HEADER_LENGTH = 12;
export const RESPONSE_PREFIX_LENGTH = 16;
/** The body of a RESPONSE with the flag `ring`. */
export const RING_PART_LENGTH = 12;
const U32_LENGTH = 4;
const TYPE_OFFSET = 4;
const FLAGS_OFFSET = 5;
const STREAM_OFFSET = 8;
const MAX_PAYLOAD_LENGTH = 0x1000_0000;

/** Bytes on a worker channel that are no frame: one of the two ends is broken. */
export class WorkerFrameError extends Error {}

/**
 * Writes the twelve bytes every frame begins with.
 * @returns the offset behind them
 */
export function writeFrameHeader(
  target: Buffer,
  offset: number,
  payloadLength: number,
  type: number,
  flags: number,
  stream: number,
): number {
  target.writeUInt32LE(payloadLength, offset);
  target.writeUInt32LE(type | (flags << 8), offset + TYPE_OFFSET);
  target.writeUInt32LE(stream, offset + STREAM_OFFSET);
  return offset + FRAME_HEADER_LENGTH;
}

/** Size of a whole REQUEST frame. */
export function requestFrameLength(environ: string, body: Uint8Array | undefined): number {
  return FRAME_HEADER_LENGTH + U32_LENGTH + environ.length + (body?.length ?? 0);
}

/**
 * @param environ latin-1 text without NULs inside names and values
 * @returns the offset behind the frame
 */
export function writeRequestFrame(
  target: Buffer,
  offset: number,
  stream: number,
  flags: number,
  environ: string,
  body: Uint8Array | undefined,
): number {
  const payloadLength = U32_LENGTH + environ.length + (body?.length ?? 0);
  let at = writeFrameHeader(target, offset, payloadLength, WorkerFrameType.request, flags, stream);
  at = target.writeUInt32LE(environ.length, at);
  at += target.write(environ, at, 'latin1');
  if (body !== undefined && body.length > 0) {
    target.set(body, at);
    at += body.length;
  }
  return at;
}

/** What every RESPONSE begins with; numbers are final in the frame with the flag `end`. */
export interface ResponsePrefix {
  /** u32: bytes of the head that follows the prefix. */
  readonly headLength: number;
  /** u32: items taken from the app's iterable so far. */
  readonly switches: number;
  /** u32: microseconds the app has worked on the request so far. */
  readonly serviceUs: number;
  /** u16: number of the thread. */
  readonly core: number;
  /** i16: number of the app, -1 when none was called. */
  readonly app: number;
}

export function readResponsePrefix(payload: Buffer, start: number): ResponsePrefix {
  return {
    headLength: payload.readUInt32LE(start),
    switches: payload.readUInt32LE(start + 4),
    serviceUs: payload.readUInt32LE(start + 8),
    core: payload.readUInt16LE(start + 12),
    app: payload.readInt16LE(start + 14),
  };
}

/** The body of a RESPONSE with the flag `file`. */
export interface FileBody {
  /** Descriptor in the worker's process. */
  readonly descriptor: number;
  readonly offset: number;
  readonly bytes: number;
}

export function readFileBody(payload: Buffer, start: number): FileBody {
  return {
    descriptor: payload.readUInt32LE(start),
    offset: Number(payload.readBigUInt64LE(start + 8)),
    bytes: Number(payload.readBigUInt64LE(start + 16)),
  };
}

/** The body of a RESPONSE with the flag `ring`. */
export interface RingPart {
  readonly start: number;
  readonly bytes: number;
  /** Of bytes put into the ring until then, modulo 2^32. */
  readonly count: number;
}

export function readRingPart(payload: Buffer, at: number): RingPart {
  const start = payload.readUInt32LE(at);
  const bytes = payload.readUInt32LE(at + U32_LENGTH);
  return { start, bytes, count: payload.readUInt32LE(at + 2 * U32_LENGTH) };
}

/** Stream numbers in a RETURN. */
export function readStreamList(payload: Buffer, start: number, end: number): number[] {
  const streams: number[] = [];
  for (let at = start; at + U32_LENGTH <= end; at += U32_LENGTH) streams.push(payload.readUInt32LE(at));
  return streams;
}

/** Takes one frame: its payload is `bytes` from `start` to `end`, valid only during the call. */
export type FrameReceiver = (
  type: number,
  flags: number,
  stream: number,
  bytes: Buffer,
  start: number,
  end: number,
) => void;

/** The buffer for frames in pieces is used again and again up to this size; that of a longer frame is given up behind it. */
const KEPT_BUFFER_BYTES = 131_072;

/** Cuts a byte stream into frames, however it is split. A frame that comes in pieces is copied once, into a buffer that is kept. */
export class WorkerFrameDecoder {
  readonly #receive: FrameReceiver;
  /** Has room for the frame that is not complete, or for its header as long as that is not complete either. */
  #buffer: Buffer = NOTHING;
  #heldBytes = 0;
  /** What the held bytes are to become: a frame, or its header. */
  #wantedBytes = 0;

  constructor(receive: FrameReceiver) {
    this.#receive = receive;
  }

  /**
   * @param chunk not kept: what must stay is copied
   * @throws WorkerFrameError on a length no frame has
   */
  push(chunk: Buffer): void {
    let at = 0;
    if (this.#heldBytes > 0) {
      at = this.#complete(chunk);
      if (this.#heldBytes > 0) return;
    }
    while (chunk.length - at >= FRAME_HEADER_LENGTH) {
      const end = at + frameLength(chunk, at);
      if (end > chunk.length) break;
      this.#handOn(chunk, at, end);
      at = end;
    }
    if (at < chunk.length) this.#hold(chunk, at);
  }

  #hold(chunk: Buffer, at: number): void {
    this.#want(chunk.length - at < FRAME_HEADER_LENGTH ? FRAME_HEADER_LENGTH : frameLength(chunk, at));
    this.#take(chunk, at);
  }

  /** Makes room for so many bytes, with those that are held already. */
  #want(bytes: number): void {
    this.#wantedBytes = bytes;
    if (this.#buffer.length >= bytes) return;
    const larger = Buffer.allocUnsafeSlow(bytes);
    this.#buffer.copy(larger, 0, 0, this.#heldBytes);
    this.#buffer = larger;
  }

  /** Adds to the frame that is held, and hands it on when it is complete. @returns where the chunk goes on */
  #complete(chunk: Buffer): number {
    let at = this.#take(chunk, 0);
    if (this.#heldBytes < this.#wantedBytes) return at;
    const length = frameLength(this.#buffer, 0);
    if (length > this.#wantedBytes) {
      this.#want(length);
      at = this.#take(chunk, at);
      if (this.#heldBytes < length) return at;
    }
    const frame = this.#buffer;
    this.#heldBytes = 0;
    if (frame.length > KEPT_BUFFER_BYTES) this.#buffer = NOTHING;
    this.#handOn(frame, 0, length);
    return at;
  }

  #take(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.#buffer, this.#heldBytes, at, at + this.#wantedBytes - this.#heldBytes);
    this.#heldBytes += taken;
    return at + taken;
  }

  #handOn(bytes: Buffer, at: number, end: number): void {
    const type = bytes.readUInt8(at + TYPE_OFFSET);
    const flags = bytes.readUInt8(at + FLAGS_OFFSET);
    const stream = bytes.readUInt32LE(at + STREAM_OFFSET);
    this.#receive(type, flags, stream, bytes, at + FRAME_HEADER_LENGTH, end);
  }
}

const NOTHING: Buffer = Buffer.alloc(0);

/** Length of the frame that begins there, with its header. @throws WorkerFrameError on one that no frame has */
function frameLength(bytes: Buffer, at: number): number {
  const payloadLength = bytes.readUInt32LE(at);
  if (payloadLength > MAX_PAYLOAD_LENGTH)
    throw new WorkerFrameError(`worker channel: a frame of ${payloadLength} bytes is announced: not a frame`);
  return FRAME_HEADER_LENGTH + payloadLength;
}
