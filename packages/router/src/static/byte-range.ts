/** Bytes `start` to `end`, `end` not included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** More ranges than this are a game, not a wish: the whole file is sent (RFC 9110 section 14.2 allows it). */
const MAX_RANGES = 16;
const SPEC = /^(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))$/;

/**
 * Reads a Range header for a representation of that many bytes.
 * @returns the satisfiable ranges; an empty list when none is (416); undefined when the header is to be ignored
 */
export function parseRange(header: string, size: number): ByteRange[] | undefined {
  if (!header.toLowerCase().startsWith('bytes=')) return undefined;
  // Elements of a list may be empty (RFC 9110 section 5.6.1.2).
  const specs = header
    .slice('bytes='.length)
    .split(',')
    .map((spec) => spec.trim())
    .filter((spec) => spec !== '');
  if (specs.length === 0 || specs.length > MAX_RANGES) return undefined;
  const ranges: ByteRange[] = [];
  for (const spec of specs) {
    const match = SPEC.exec(spec);
    if (match === null) return undefined;
    const [, first, last = '', suffix] = match;
    if (first !== undefined && last !== '' && Number(last) < Number(first)) return undefined;
    const range = first === undefined ? suffixRange(Number(suffix), size) : plainRange(Number(first), last, size);
    if (range !== undefined) ranges.push(range);
  }
  return overlaps(ranges) ? undefined : ranges;
}

function suffixRange(length: number, size: number): ByteRange | undefined {
  if (length === 0 || size === 0) return undefined;
  return { start: Math.max(0, size - length), end: size };
}

function plainRange(first: number, last: string, size: number): ByteRange | undefined {
  if (first >= size) return undefined;
  return { start: first, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}

/** Overlapping ranges would send more bytes than the file has. */
function overlaps(ranges: readonly ByteRange[]): boolean {
  const sorted = ranges.toSorted((a, b) => a.start - b.start);
  return sorted.some((range, i) => i > 0 && range.start < (sorted[i - 1]?.end ?? 0));
}
