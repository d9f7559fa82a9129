import type { ResponseFilter } from '@emperor/http';

import { encodeAnswer } from '../encode/encode-answer.ts';

const GZIP = ['gzip'] as const;

/** What `gzip:` in a request rule adds: what is asked before it sees the plain body, what is asked behind it the compressed one. */
export const COMPRESSING: ResponseFilter = {
  filterHead: (exchange, head, completeBody) => encodeAnswer(exchange, head, completeBody, GZIP),
};
