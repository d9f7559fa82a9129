import { reasonPhrase, type ResponseHead } from '@emperor/http';

/**
 * The head of the answer to a request for what is not there, from an instance that has nobody else to ask. Unlike the errors of
 * UWSGI-FACTS 4.9 it ends no connection: pages with a missing picture are a matter of course. Its body is the reason.
 */
export class NotFoundHead implements ResponseHead {
  status = 404;
  reason: string = reasonPhrase(404);
  headers: string[] = ['Content-Length', String(this.reason.length), 'Content-Type', 'text/plain'];
}
