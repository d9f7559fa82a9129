import { Buffer } from 'node:buffer';

import type { ByteRange } from './byte-range.ts';
import type { Segment } from './file-stream.ts';

/** The body of an answer with several ranges (RFC 9110 section 14.6). */
export interface Multipart {
  readonly contentType: string;
  readonly segments: readonly Segment[];
  readonly length: number;
}

function makeBoundary(): string {
  const random = (): string => Math.floor(Math.random() * 2 ** 48).toString(36);
  return `${random()}${random()}`;
}

/** Puts each range of a file of that size into a part of its own. */
export function multipart(ranges: readonly ByteRange[], size: number, contentType: string | undefined): Multipart {
  const boundary = makeBoundary();
  const type = contentType === undefined ? '' : `Content-Type: ${contentType}\r\n`;
  const segments: Segment[] = [];
  ranges.forEach((range, i) => {
    const lead = i === 0 ? '' : '\r\n';
    const contentRange = `Content-Range: bytes ${range.start}-${range.end - 1}/${size}`;
    segments.push(Buffer.from(`${lead}--${boundary}\r\n${type}${contentRange}\r\n\r\n`, 'latin1'), range);
  });
  segments.push(Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'));
  let length = 0;
  for (const segment of segments) length += Buffer.isBuffer(segment) ? segment.length : segment.end - segment.start;
  return { contentType: `multipart/byteranges; boundary=${boundary}`, segments, length };
}
