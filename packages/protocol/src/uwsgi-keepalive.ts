import { Buffer } from 'node:buffer';

/**
 * How our router keeps connections of the uwsgi protocol to our own `socket` listeners, though the protocol itself has one request per
 * connection (UWSGI-FACTS 12.1). Peers that know nothing of it are not disturbed: of a variable that is sent twice a real uWSGI takes the
 * last value (UWSGI-FACTS 12.2), so that its apps see nothing; nginx sends none twice.
 *
 *     request    in front of the variable SERVER_PROTOCOL there is another of that name with the value TOKEN, 16 hexadecimal digits the
 *                router has made up for itself
 *     answer     its first header line is `UWSGI-KeepAlive: TOKEN BYTES` or `UWSGI-KeepAlive: TOKEN chunked`: that is how the body ends,
 *                whatever the app's own headers say (chunks as in RFC 9112 section 7.1), and the connection stays open.
 *                Without that line the answer ends with the connection, as ever.
 *     farewell   a listener that closes a connection it has kept says so first with one byte, and from then on reads no request.
 *                A router that gets it in place of an answer knows that its request was not read and can be sent elsewhere, also a POST.
 *
 * The token makes the line one that an app cannot forge, nor anybody who can make an app repeat a header: it never reaches an app of
 * ours, and what clients send are variables that begin with HTTP_. Both sides take the agreement out of what they pass on.
 */
export const KEEPALIVE_VARIABLE = 'SERVER_PROTOCOL';
export const KEEPALIVE_HEADER = 'UWSGI-KeepAlive';
/** End of transmission. No answer begins with it. */
export const FAREWELL = 4;
export const FAREWELL_BYTES: Buffer = Buffer.from([FAREWELL]);

const TOKEN = /^[0-9a-f]{16}$/;

export function isKeepaliveToken(text: string): boolean {
  return TOKEN.test(text);
}
