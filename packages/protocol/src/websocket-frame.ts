/**
 * Frames of the WebSocket protocol, version 13 (RFC 6455 section 5.2), as a server reads and writes them.
 *
 *     0  bit 7 last frame of its message · bits 6-4 reserved, zero · bits 3-0 opcode
 *     1  bit 7 masked (every frame of a client, none of a server) · bits 6-0 payload length, or 126: a u16 follows, or 127: a u64
 *     …  four bytes of mask, where masked
 *     …  payload, each byte XORed with the mask in turn
 */
import { Buffer } from 'node:buffer';

export const WebSocketOpcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Why a connection is closed (RFC 6455 section 7.4.1). */
export const WebSocketCloseCode = {
  normal: 1000,
  protocolError: 1002,
  invalidText: 1007,
  tooBig: 1009,
  internalError: 1011,
} as const;

const FINAL_BIT = 0x80;
const RESERVED_BITS = 0x70;
const OPCODE_BITS = 0x0f;
const CONTROL_BIT = 0x08;
const MASKED_BIT = 0x80;
const LENGTH_BITS = 0x7f;
const LENGTH_IS_U16 = 126;
const LENGTH_IS_U64 = 127;
const MASK_LENGTH = 4;
/** What the payload of a control frame may have, and what fits the length byte. */
const MAX_SHORT_LENGTH = 125;
const MAX_U16 = 0xffff;
const KNOWN_OPCODES: ReadonlySet<number> = new Set(Object.values(WebSocketOpcode));

/** What a peer has sent breaks the protocol or a limit; `code` is what it is to be told. */
export class WebSocketError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** One frame of a server. */
export function encodeWebSocketFrame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const lengthBytes = length <= MAX_SHORT_LENGTH ? 0 : length <= MAX_U16 ? 2 : 8;
  const frame = Buffer.allocUnsafe(2 + lengthBytes + length);
  frame[0] = FINAL_BIT | opcode;
  frame[1] = lengthBytes === 0 ? length : lengthBytes === 2 ? LENGTH_IS_U16 : LENGTH_IS_U64;
  if (lengthBytes === 2) frame.writeUInt16BE(length, 2);
  else if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.set(payload, 2 + lengthBytes);
  return frame;
}

/** The payload of a close frame. */
export function encodeCloseCode(code: number): Buffer {
  const payload = Buffer.allocUnsafe(2);
  payload.writeUInt16BE(code);
  return payload;
}

interface FrameHead {
  readonly isFinal: boolean;
  readonly opcode: number;
  readonly maskAt: number;
  readonly payloadLength: number;
}

/** Takes one frame of a client; the payload is unmasked and belongs to the receiver. */
export type WebSocketFrameReceiver = (opcode: number, isFinal: boolean, payload: Buffer) => void;

/** Cuts the byte stream of a client into frames, however it is split. */
export class WebSocketFrameDecoder {
  readonly #receive: WebSocketFrameReceiver;
  readonly #maxPayloadBytes: number;
  #pieces: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes needed before decoding can go on. */
  #neededBytes = 2;

  /** @param maxPayloadBytes of one frame; more is refused when it is announced */
  constructor(maxPayloadBytes: number, receive: WebSocketFrameReceiver) {
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#receive = receive;
  }

  /**
   * @param chunk not kept: what must stay is copied
   * @throws WebSocketError
   */
  push(chunk: Buffer): void {
    this.#pieces.push(Buffer.from(chunk));
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < this.#neededBytes) return;
    let bytes = this.#pieces.length === 1 ? (this.#pieces[0] ?? chunk) : Buffer.concat(this.#pieces, this.#heldBytes);
    for (let end = this.#takeFrame(bytes); end > 0; end = this.#takeFrame(bytes)) bytes = bytes.subarray(end);
    this.#pieces = bytes.length === 0 ? [] : [bytes];
    this.#heldBytes = bytes.length;
  }

  /** @returns bytes of the frame at the beginning, or 0 where more must come first */
  #takeFrame(bytes: Buffer): number {
    const head = readHead(bytes);
    if (typeof head === 'number') {
      this.#neededBytes = head;
      return 0;
    }
    const { isFinal, opcode, maskAt, payloadLength } = head;
    if (payloadLength > this.#maxPayloadBytes)
      throw new WebSocketError(
        WebSocketCloseCode.tooBig,
        `a frame of ${payloadLength} bytes, more than ${this.#maxPayloadBytes} (option websockets-max-size)`,
      );
    const start = maskAt + MASK_LENGTH;
    const end = start + payloadLength;
    this.#neededBytes = end;
    if (bytes.length < end) return 0;
    const payload = Buffer.from(bytes.subarray(start, end));
    unmask(payload, bytes, maskAt);
    this.#neededBytes = 2;
    this.#receive(opcode, isFinal, payload);
    return end;
  }
}

/** @returns bytes needed, where there are not enough for the head */
function readHead(bytes: Buffer): FrameHead | number {
  if (bytes.length < 2) return 2;
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  const opcode = first & OPCODE_BITS;
  const isFinal = (first & FINAL_BIT) !== 0;
  const short = second & LENGTH_BITS;
  if ((first & RESERVED_BITS) !== 0) throw protocolError('a reserved bit is set: no extension was agreed on');
  if (!KNOWN_OPCODES.has(opcode)) throw protocolError(`there is no opcode ${opcode}`);
  if ((second & MASKED_BIT) === 0) throw protocolError('a frame without mask');
  if ((opcode & CONTROL_BIT) !== 0 && (!isFinal || short > MAX_SHORT_LENGTH))
    throw protocolError('a control frame in pieces, or longer than 125 bytes');
  const lengthBytes = short === LENGTH_IS_U64 ? 8 : short === LENGTH_IS_U16 ? 2 : 0;
  const maskAt = 2 + lengthBytes;
  if (bytes.length < maskAt) return maskAt;
  const payloadLength =
    lengthBytes === 0 ? short : lengthBytes === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (lengthBytes > 0 && payloadLength <= (lengthBytes === 2 ? MAX_SHORT_LENGTH : MAX_U16))
    throw protocolError('a length that is written longer than it is');
  return { isFinal, opcode, maskAt, payloadLength };
}

function unmask(payload: Buffer, bytes: Buffer, maskAt: number): void {
  const mask = [
    bytes.readUInt8(maskAt),
    bytes.readUInt8(maskAt + 1),
    bytes.readUInt8(maskAt + 2),
    bytes.readUInt8(maskAt + 3),
  ];
  for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i & 3] ?? 0);
}

function protocolError(message: string): WebSocketError {
  return new WebSocketError(WebSocketCloseCode.protocolError, message);
}
