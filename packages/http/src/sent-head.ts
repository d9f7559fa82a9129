import type { ResponseHead } from './exchange.ts';

/** What is put in front of the body, decided by the kind of connection. */
export interface SentHead {
  readonly head: ResponseHead;
  /** Bytes of body to come, where known. */
  readonly bodyBytes: number | undefined;
  /** No body may follow: HEAD, 1xx, 204, 304. */
  readonly bodyless: boolean;
  /** The body is encoded on its way out: a client must be able to see that it got all of it (uWSGI chunks it always, UWSGI-FACTS 6.2). */
  readonly encoded: boolean;
}
