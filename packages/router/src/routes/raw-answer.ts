import { Buffer } from 'node:buffer';

import { reasonPhrase, type ResponseHead } from '@emperor/http';

const STATUS_LINE = /^HTTP\/1\.[01] ([2-9][0-9]{2})(?: ([^\r\n]*))?$/;

/**
 * What rules have sent with `send:` and `send-crnl:` as an answer: whole with its status line and headers, or only the body. uWSGI
 * puts the bytes on the wire as they are, so both are in use.
 */
export function parseRawAnswer(bytes: string): { readonly head: ResponseHead; readonly body: Buffer } {
  const end = bytes.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = (end === -1 ? bytes : bytes.slice(0, end)).split('\r\n');
  const match = STATUS_LINE.exec(statusLine);
  if (match === null) {
    const head = { status: 200, reason: 'OK', headers: ['Content-Type', 'text/plain'] };
    return { head, body: Buffer.from(bytes, 'latin1') };
  }
  const status = Number(match[1]);
  const headers: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.push(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  return {
    head: { status, reason: match[2] ?? reasonPhrase(status), headers },
    body: Buffer.from(end === -1 ? '' : bytes.slice(end + 4), 'latin1'),
  };
}
