import { findHeader, removeHeader, type ResponseFilter } from '@emperor/http';

/** The header by which an app or a route asks the http router for an encoding. It is a word between servers, not for clients. */
const UWSGI_ENCODING = 'uwsgi-encoding';

/** Takes the `uWSGI-Encoding` header out of an answer. @returns the encoding it asked for */
export function takeUwsgiEncoding(headers: string[]): string | undefined {
  const wanted = findHeader(headers, UWSGI_ENCODING);
  if (wanted !== undefined) removeHeader(headers, UWSGI_ENCODING);
  return wanted;
}

/**
 * Keeps `uWSGI-Encoding` inside the server, for listeners that face clients and do not encode. Not for listeners of the uwsgi protocol:
 * the router behind them needs the header.
 */
export const stripUwsgiEncoding: ResponseFilter = {
  filterHead(_exchange, head) {
    takeUwsgiEncoding(head.headers);
    return undefined;
  },
};
