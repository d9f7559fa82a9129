import { findHeader, type ResponseFilter } from '@emperor/http';

import { encodingQuality } from './accept-encoding.ts';
import { gzipCompressor } from './compressors.ts';
import { isUntouchable, markEncoded } from './encoded-head.ts';
import { takeUwsgiEncoding } from './uwsgi-encoding.ts';
import { varyOnAcceptEncoding } from './vary.ts';
import { StreamingEncoder, WholeBodyEncoder } from './zlib-encoder.ts';

/**
 * `http-auto-gzip`: compresses the answers that carry `uWSGI-Encoding: gzip` and have no length or encoding of their own
 * (UWSGI-FACTS 6.1). Better than uWSGI's: quality values count, caches are told (`Vary`), and the header stays inside.
 */
export function createAutoGzip(): ResponseFilter {
  return {
    filterHead(exchange, head, completeBody) {
      const { headers } = head;
      if (takeUwsgiEncoding(headers)?.trim().toLowerCase() !== 'gzip') return undefined;
      if (isUntouchable(head) || findHeader(headers, 'content-length') !== undefined) return undefined;
      varyOnAcceptEncoding(headers);
      const acceptable = exchange.variables.get('HTTP_ACCEPT_ENCODING');
      if (acceptable === undefined || encodingQuality(acceptable, 'gzip') === 0) return undefined;
      if (completeBody?.length === 0) return undefined;
      markEncoded(headers, 'gzip');
      if (exchange.variables.get('REQUEST_METHOD') === 'HEAD') return undefined;
      const compressor = gzipCompressor();
      return completeBody === undefined ? new StreamingEncoder(compressor) : new WholeBodyEncoder(compressor);
    },
  };
}
