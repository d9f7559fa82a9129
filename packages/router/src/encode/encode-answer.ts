import type { BodyEncoder, Exchange, ResponseHead } from '@emperor/http';

import { chooseEncoding, parseAcceptEncoding } from './accept-encoding.ts';
import { StreamingEncoder, WholeBodyEncoder } from './body-encoders.ts';
import { compressorOf } from './compressors.ts';
import { isUntouchable, markEncoded } from './encoded-head.ts';
import type { Encoding } from './encoding.ts';
import { varyOnAcceptEncoding } from './vary.ts';

/**
 * Encodes an answer as its client likes it best, and says so in its head. An answer that could have been encoded varies on
 * `Accept-Encoding`, whatever this client gets.
 * @param offered in the order of preference
 * @returns undefined when the body goes out as it is
 */
export function encodeAnswer(
  exchange: Exchange,
  head: ResponseHead,
  completeBody: Uint8Array | undefined,
  offered: readonly Encoding[],
  gzipLevel?: number,
): BodyEncoder | undefined {
  if (isUntouchable(head)) return undefined;
  varyOnAcceptEncoding(head.headers);
  const accepted = exchange.variables.get('HTTP_ACCEPT_ENCODING');
  if (accepted === undefined || completeBody?.length === 0) return undefined;
  const encoding = chooseEncoding(parseAcceptEncoding(accepted), offered);
  if (encoding === undefined) return undefined;
  markEncoded(head.headers, encoding);
  if (exchange.variables.get('REQUEST_METHOD') === 'HEAD') return undefined;
  const compressor = compressorOf(encoding, gzipLevel);
  return completeBody === undefined ? new StreamingEncoder(compressor) : new WholeBodyEncoder(compressor);
}
