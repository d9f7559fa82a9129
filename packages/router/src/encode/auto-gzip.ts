import { findHeader, type ResponseFilter } from '@emperor/http';

import { encodeAnswer } from './encode-answer.ts';
import { takeUwsgiEncoding } from './uwsgi-encoding.ts';

const OFFERED = ['gzip'] as const;

/**
 * `http-auto-gzip`: compresses the answers that carry `uWSGI-Encoding: gzip` and have no length or encoding of their own
 * (UWSGI-FACTS 6.1). Better than uWSGI's: quality values count, caches are told (`Vary`), and the header stays inside.
 */
export function createAutoGzip(): ResponseFilter {
  return {
    filterHead(exchange, head, completeBody) {
      if (takeUwsgiEncoding(head.headers)?.trim().toLowerCase() !== 'gzip') return undefined;
      if (findHeader(head.headers, 'content-length') !== undefined) return undefined;
      return encodeAnswer(exchange, head, completeBody, OFFERED);
    },
  };
}
