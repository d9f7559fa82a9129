import { Buffer } from 'node:buffer';

import { type ResponseHead, reasonPhrase } from '@emperor/http';
import {
  BODY_BROKEN,
  BODY_END,
  BODY_TIMED_OUT,
  type FileBody,
  MESSAGE_BINARY,
  readFileBody,
  readResponsePrefix,
  readRingPart,
  readStreamList,
  RESPONSE_FILE,
  RESPONSE_HEAD,
  RESPONSE_IN_RING,
  RESPONSE_PREFIX_LENGTH,
  RING_PART_LENGTH,
  WorkerFrameDecoder,
  WorkerFrameError,
  WorkerFrameType,
} from '@emperor/protocol';
import type { Stream, StreamHandler, Transport } from '@emperor/transport';

import { AnswerRing } from './answer-ring.ts';
import { FrameWriter } from './frame-writer.ts';
import type { WorkerCall, WorkerNote } from './zygote-messages.ts';

/** A RESPONSE frame. */
export interface AnswerPart {
  readonly flags: number;
  /** With the first part of an answer. */
  readonly head: ResponseHead | undefined;
  /** Valid only during the call. */
  readonly body: Buffer;
  /** Instead of a body. */
  readonly file: FileBody | undefined;
  readonly switches: number;
  readonly serviceUs: number;
  readonly core: number;
  readonly app: number;
}

/** What a worker says. */
export interface WorkerChannelHandler {
  onAnswer(stream: number, part: AnswerPart): void;
  /** A WebSocket message for the client, valid only during the call. */
  onMessage(stream: number, payload: Buffer, isBinary: boolean): void;
  onPull(stream: number, bytes: number): void;
  /** The answer cannot be completed. An empty reason: the client has left, or the request was not begun. */
  onAbort(stream: number, reason: string): void;
  /** It offers memory for large answers. @param descriptor in the worker */
  onRing(descriptor: number): void;
  onReturn(streams: readonly number[]): void;
  onCall(call: WorkerCall): void;
  onNote(note: WorkerNote): void;
  /** What arrived makes no sense: the worker cannot be trusted any more. */
  onBroken(error: Error): void;
  onClose(): void;
}

/** The vassal's end of the stream socket to a worker. Frames of one turn of the event loop leave in one write. */
export class WorkerChannel implements StreamHandler {
  readonly #handler: WorkerChannelHandler;
  readonly #stream: Stream;
  readonly #writer: FrameWriter;
  readonly #decoder: WorkerFrameDecoder;
  #ring: AnswerRing | undefined;
  #closed = false;

  constructor(descriptor: number, transport: Transport, handler: WorkerChannelHandler) {
    this.#handler = handler;
    this.#decoder = new WorkerFrameDecoder(this.#onFrame);
    this.#stream = transport.adopt(descriptor, this);
    this.#writer = new FrameWriter(this.#stream, transport);
  }

  request(stream: number, flags: number, environ: string, body: Buffer | undefined): void {
    this.#writer.request(stream, flags, environ, body);
  }

  body(stream: number, chunk: Buffer): void {
    this.#writer.frame(WorkerFrameType.body, 0, stream, chunk);
  }

  endBody(stream: number): void {
    this.#writer.frame(WorkerFrameType.body, BODY_END, stream);
  }

  breakBody(stream: number, timedOut: boolean, reason: string): void {
    const flags = BODY_BROKEN | (timedOut ? BODY_TIMED_OUT : 0);
    this.#writer.frame(WorkerFrameType.body, flags, stream, Buffer.from(reason));
  }

  window(stream: number, bytes: number): void {
    this.#writer.count(WorkerFrameType.window, stream, bytes);
  }

  abort(stream: number): void {
    this.#writer.frame(WorkerFrameType.abort, 0, stream);
  }

  returnSeen(): void {
    this.#writer.frame(WorkerFrameType.returnSeen, 0, 0);
  }

  /** Sent at once. */
  stop(): void {
    this.#writer.frame(WorkerFrameType.stop, 0, 0);
    this.#writer.flush();
  }

  reply(reply: object): void {
    if (!this.#closed) this.#writer.frame(WorkerFrameType.reply, 0, 0, Buffer.from(JSON.stringify(reply)));
  }

  signal(number: number): void {
    if (!this.#closed) this.#writer.frame(WorkerFrameType.signal, 0, number);
  }

  mail(flags: number, bytes: Buffer): void {
    if (!this.#closed) this.#writer.frame(WorkerFrameType.mail, flags, 0, bytes);
  }

  fileSeen(descriptor: number): void {
    if (!this.#closed) this.#writer.count(WorkerFrameType.fileSeen, 0, descriptor);
  }

  /**
   * Large answers come through memory from now on.
   * @param path of the memory that was offered
   * @throws Error when it cannot be used
   */
  useRing(path: string): void {
    if (this.#closed || this.#ring !== undefined) return;
    this.#ring = AnswerRing.attach(path);
    this.#writer.frame(WorkerFrameType.ringReady, 0, 0);
  }

  destroy(): void {
    this.#stream.destroy();
  }

  // ---- from the transport

  onData(chunk: Buffer): void {
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof WorkerFrameError || error instanceof SyntaxError)) throw error;
      this.#handler.onBroken(error);
    }
  }

  onEnd(): void {
    this.#stream.destroy();
  }

  onDrain(): void {}

  onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ring?.detach();
    this.#handler.onClose();
  }

  readonly #onFrame = (
    type: number,
    flags: number,
    stream: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void => {
    switch (type) {
      case WorkerFrameType.response:
        if ((flags & RESPONSE_IN_RING) === 0) this.#handler.onAnswer(stream, readAnswer(flags, bytes, start, end));
        else this.#takeFromRing(stream, readAnswer(flags, bytes, start, end), bytes, end);
        break;
      case WorkerFrameType.message:
        this.#handler.onMessage(stream, bytes.subarray(start, end), (flags & MESSAGE_BINARY) !== 0);
        break;
      case WorkerFrameType.pull:
        this.#handler.onPull(stream, bytes.readUInt32LE(start));
        break;
      case WorkerFrameType.abort:
        this.#handler.onAbort(stream, bytes.toString('utf8', start, end));
        break;
      case WorkerFrameType.ring:
        this.#handler.onRing(bytes.readUInt32LE(start));
        break;
      case WorkerFrameType.return:
        this.#handler.onReturn(readStreamList(bytes, start, end));
        break;
      case WorkerFrameType.call:
        this.#handler.onCall(JSON.parse(bytes.toString('utf8', start, end)) as WorkerCall);
        break;
      case WorkerFrameType.note:
        this.#handler.onNote(JSON.parse(bytes.toString('utf8', start, end)) as WorkerNote);
        break;
      default:
        throw new WorkerFrameError(`worker channel: there is no frame of type ${type}`);
    }
  };

  #takeFromRing(stream: number, part: AnswerPart, bytes: Buffer, end: number): void {
    const ring = this.#ring;
    if (ring === undefined) throw new WorkerFrameError('worker channel: there is no memory for answers');
    const place = readRingPart(bytes, end - RING_PART_LENGTH);
    this.#handler.onAnswer(stream, { ...part, body: ring.read(place) });
    ring.release(place);
  }
}

function readAnswer(flags: number, bytes: Buffer, start: number, end: number): AnswerPart {
  const { headLength, switches, serviceUs, core, app } = readResponsePrefix(bytes, start);
  const headStart = start + RESPONSE_PREFIX_LENGTH;
  const bodyStart = headStart + headLength;
  const hasFile = (flags & RESPONSE_FILE) !== 0;
  return {
    flags,
    head: (flags & RESPONSE_HEAD) === 0 ? undefined : parseHead(bytes.toString('latin1', headStart, bodyStart)),
    body: bytes.subarray(bodyStart, hasFile ? bodyStart : end),
    file: hasFile ? readFileBody(bytes, bodyStart) : undefined,
    switches,
    serviceUs,
    core,
    app,
  };
}

/** `200 OK`, name, value, … as the worker joined them. A status without reason gets the usual one, as in uWSGI. */
function parseHead(text: string): ResponseHead {
  const headers = text.split('\0');
  const line = headers.shift() ?? '';
  const status = Number(line.slice(0, 3));
  return { status, reason: line.length > 4 ? line.slice(4) : reasonPhrase(status), headers };
}
