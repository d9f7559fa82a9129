import { ChunkedDecoder, LengthDecoder } from './body-framing.ts';
import type { ConnectionLimits } from './connection-server.ts';
import type { BodyFraming, ParsedHead } from './head-parser.ts';
import { HttpError } from './http-error.ts';
import { type BodySource, IncomingBody } from './request-body.ts';

/** Refuses a body whose head says already that it is too long. @throws HttpError 413 */
export function checkBody({ framing, expectsContinue }: ParsedHead, limits: ConnectionLimits): void {
  if (framing.kind !== 'length') return;
  const { bodyBytes, expectedBytes } = limits;
  if (bodyBytes > 0 && framing.bytes > bodyBytes)
    throw new HttpError(413, `the body has ${framing.bytes} bytes, more than ${bodyBytes} (option limit-post)`);
  if (expectedBytes > 0 && expectsContinue && framing.bytes > expectedBytes)
    throw new HttpError(
      413,
      `the body to come has ${framing.bytes} bytes, more than ${expectedBytes} (option http-manage-expect)`,
    );
}

/** Why the wait for a body ends, where its length is known in uWSGI's words (UWSGI-FACTS 4.14). */
export function lateBody({ length, receivedBytes }: IncomingBody): HttpError {
  const message = 'the request body took too long';
  if (length === undefined) return new HttpError(408, message);
  const left = length - receivedBytes;
  const detail = `Content-Length: ${length} consumed: ${receivedBytes} left: ${left}`;
  return new HttpError(408, `${message}: [uwsgi-body-read] Timeout reading ${left} bytes. ${detail}`);
}

/** The body that a head announces. */
export function makeBody(framing: BodyFraming, limits: ConnectionLimits, source: BodySource): IncomingBody {
  return framing.kind === 'length'
    ? new IncomingBody(framing.bytes, new LengthDecoder(framing.bytes), source)
    : new IncomingBody(undefined, new ChunkedDecoder(limits.chunkBytes), source);
}
