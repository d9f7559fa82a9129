import type { Buffer } from 'node:buffer';

import type { Exchange, ResponseHead, ResponseParser } from '@emperor/http';

import type { Backend } from './backend.ts';

/** How requests are put on the wire to a backend, and what its answers mean for the connection. One for each protocol. */
export interface RequestWire {
  /** The length of a body must be known before it is sent. */
  readonly needsLength: boolean;
  /**
   * @param bodyBytes length of the body; undefined where only its end will tell
   * @throws RangeError when the request does not fit the protocol
   */
  encodeHead(exchange: Exchange, backend: Backend, bodyBytes: number | undefined): Buffer;
  /** What marks the answers of backends that keep connections of the uwsgi protocol. */
  readonly agreementToken: string | undefined;
  /** Requests of this method may use a connection that has been used before and may have been closed by the backend meanwhile. */
  mayReuse(method: string): boolean;
  /** Milliseconds for which the connection can be kept after a complete answer; 0 when it cannot. */
  keepMs(backend: Backend, parser: ResponseParser): number;
  /** The backend says that it has not read the request that was sent on a kept connection. */
  isFarewell(chunk: Buffer): boolean;
  /** Removes what concerns only the connection to the backend. */
  clean(head: ResponseHead): void;
}
