import type { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';

import { reasonPhrase, type ResponseFilter, type ResponseHead } from '@emperor/http';

import { NotFoundHead } from './not-found.ts';
import { ReplacedBody } from './routes/body-replacement.ts';

/** Names of HTML files by status (`error-page-403`, `-404`, `-500`); the first that can be read is sent. */
export type ErrorPageFiles = ReadonlyMap<number, readonly string[]>;

/** Puts pages in place of the error answers that we make ourselves (UWSGI-FACTS 4.9). Those of apps and rules stay. */
export function createErrorPages(files: ErrorPageFiles): ResponseFilter {
  return {
    filterHead(_exchange, head, completeBody) {
      const names = files.get(head.status);
      if (names === undefined || !isOurs(head, completeBody)) return undefined;
      const page = firstPage(names);
      if (page === undefined) return undefined;
      head.headers[3] = 'text/html';
      return new ReplacedBody(page);
    },
  };
}

/** An answer of the server itself is an error that says that the connection closes, and gives the reason as text; or that nothing is there. */
function isOurs(head: ResponseHead, body: Uint8Array | undefined): boolean {
  if (head instanceof NotFoundHead) return true;
  const { status, headers } = head;
  const [name, value, type, plain] = headers;
  return (
    `${name}: ${value} ${type}: ${plain}` === 'Connection: close Content-Type: text/plain' &&
    body?.length === reasonPhrase(status).length
  );
}

/** A page is read each time: errors are rare, and a page may be changed. */
function firstPage(names: readonly string[]): Buffer | undefined {
  for (const name of names) {
    try {
      return readFileSync(name);
    } catch {
      // The next one stands in.
    }
  }
  return undefined;
}
