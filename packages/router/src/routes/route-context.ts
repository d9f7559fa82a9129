import type { Buffer } from 'node:buffer';

import type { Exchange, ResponseHead } from '@emperor/http';

/** What the rules of one chain see of one exchange, and what they can do to it. One kind for each phase. */
export interface RouteContext {
  readonly exchange: Exchange;
  /** Status of the answer; 500 where there is none yet, as in uWSGI. */
  readonly status: number;
  /** What the pattern of the current rule matched: its groups are `$1` to `$9`, the whole is `$0`. */
  match: readonly (string | undefined)[] | undefined;
  /** Where relative names of files count from, for the rules behind a `chdir:`; undefined: as for the instance. */
  directory: string | undefined;
  /** The chain may wait for something: nothing depends yet on its end. */
  readonly mayWait: boolean;
  /** Adds a header line behind those of the answer. */
  addHeader(name: string, value: string): void;
  /** Takes the answer's own headers of that name away. */
  removeHeader(name: string): void;
  /** Gives the answer another status and drops its headers. */
  resetHead(status: number | undefined, reason: string | undefined): void;
  /** Puts bytes in front of the body of the answer. */
  send(bytes: string): void;
  /** Has the answer compressed where the client likes that. */
  compress(): void;
  /** Gives a whole answer in place of any other. */
  answer(head: ResponseHead, body: Buffer): void;
  /** Ends the request without an answer, or the answer without a body. */
  hangUp(): void;
}
