import { Buffer, isUtf8 } from 'node:buffer';

import { WebSocketCloseCode, WebSocketError, WebSocketOpcode } from '@emperor/protocol';

/** Of one message: empty ones are not free either. */
const MAX_FRAGMENTS = 65_536;

/** Puts the messages of a client together, of which each may come in several frames (RFC 6455 section 5.4). */
export class WebSocketFragments {
  readonly #maxMessageBytes: number;
  #fragments: Buffer[] = [];
  #bytes = 0;
  #isText = false;
  /** The last frame of a message is still to come. */
  #isOpen = false;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /**
   * Takes the next frame that is no control frame.
   * @returns the message that it completes
   * @throws WebSocketError for a frame out of order, a message that is too large, and a text that is none
   */
  add(opcode: number, isFinal: boolean, payload: Buffer): Buffer | undefined {
    const continues = opcode === WebSocketOpcode.continuation;
    if (continues !== this.#isOpen)
      throw new WebSocketError(
        WebSocketCloseCode.protocolError,
        'a message begins in another one, or has no beginning',
      );
    if (!continues) this.#isText = opcode === WebSocketOpcode.text;
    this.#isOpen = !isFinal;
    this.#fragments.push(payload);
    this.#bytes += payload.length;
    if (this.#bytes > this.#maxMessageBytes || this.#fragments.length > MAX_FRAGMENTS)
      throw new WebSocketError(
        WebSocketCloseCode.tooBig,
        `a message of more than ${this.#maxMessageBytes} bytes (option websockets-max-size) or ${MAX_FRAGMENTS} pieces`,
      );
    return isFinal ? this.#complete() : undefined;
  }

  #complete(): Buffer {
    const [first] = this.#fragments;
    const message = this.#fragments.length === 1 && first !== undefined ? first : Buffer.concat(this.#fragments);
    this.#fragments = [];
    this.#bytes = 0;
    if (this.#isText && !isUtf8(message))
      throw new WebSocketError(WebSocketCloseCode.invalidText, 'a text message that is not UTF-8');
    return message;
  }
}
