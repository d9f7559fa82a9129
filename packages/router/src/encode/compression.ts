import { findHeader, type ResponseFilter, type ResponseHead } from '@emperor/http';

import { encodeAnswer } from './encode-answer.ts';
import { type Encoding, ENCODINGS, isEncoding } from './encoding.ts';

/** Our option `compress` and those that go with it. */
export interface CompressionOptions {
  /** `compress`: `true`, or encodings in the order of preference, with blanks or commas between them. Undefined, empty or `false`: none. */
  readonly compress?: string | undefined;
  /** `compress-min-size`: smaller bodies are not worth it. */
  readonly 'compress-min-size'?: number | undefined;
  /** `compress-type`: further content types, as `application/x-foo` or `application/*`. */
  readonly 'compress-type'?: readonly string[];
  /** `compress-level`: the level of gzip, 1 to 9. */
  readonly 'compress-level'?: number | undefined;
}

/** A value of these options that cannot be used. */
export class CompressionOptionError extends Error {}

/** Below this a head with `Content-Encoding` and `Vary` and a dictionary to be set up eat what is saved. */
const DEFAULT_MIN_BYTES = 1024;

/** What compresses well though it is not called `text/…` or `…+json`, `…+xml`, `…+text`. */
const COMPRESSIBLE = new Set([
  'application/ecmascript',
  'application/graphql',
  'application/javascript',
  'application/json',
  'application/jsonl',
  'application/manifest',
  'application/rtf',
  'application/toml',
  'application/vnd.ms-fontobject',
  'application/wasm',
  'application/x-javascript',
  'application/x-ndjson',
  'application/x-sh',
  'application/xhtml',
  'application/xml',
  'application/yaml',
  'font/otf',
  'font/ttf',
  'image/bmp',
  'image/vnd.microsoft.icon',
  'image/x-icon',
]);
const COMPRESSIBLE_SHAPE = /^text\/|\+(?:json|xml|text|yaml)$/;

/**
 * Compresses answers of compressible types without any route, as the client likes best. Never: what is encoded already, parts, small
 * bodies, and answers with `no-transform`.
 * @returns undefined when the option is not set
 * @throws {CompressionOptionError}
 */
export function createCompression(options: CompressionOptions): ResponseFilter | undefined {
  const offered = parseOffered(options.compress ?? '');
  if (offered.length === 0) return undefined;
  const minBytes = options['compress-min-size'] ?? DEFAULT_MIN_BYTES;
  const gzipLevel = options['compress-level'];
  if (gzipLevel !== undefined && !(Number.isInteger(gzipLevel) && gzipLevel >= 1 && gzipLevel <= 9)) {
    throw new CompressionOptionError(`compress-level = ${gzipLevel}: the level of gzip is a number from 1 to 9`);
  }
  const isCompressible = compileTypes(options['compress-type'] ?? []);
  return {
    filterHead(exchange, head, completeBody) {
      const type = findHeader(head.headers, 'content-type');
      if (type === undefined || !isCompressible(type)) return undefined;
      if ((lengthOf(head, completeBody) ?? Infinity) < minBytes) return undefined;
      return encodeAnswer(exchange, head, completeBody, offered, gzipLevel);
    },
  };
}

function parseOffered(text: string): readonly Encoding[] {
  const words = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  const [first = 'false'] = words;
  if (words.length <= 1 && ['0', 'false', 'no', 'off'].includes(first)) return [];
  if (words.length === 1 && ['1', 'true', 'yes', 'on'].includes(first)) return ENCODINGS;
  return words.map((word) => {
    if (isEncoding(word)) return word;
    throw new CompressionOptionError(
      `compress = ${text}: "${word}" is no encoding that can be made here: ${ENCODINGS.join(', ')}, or true for all`,
    );
  });
}

function compileTypes(further: readonly string[]): (contentType: string) => boolean {
  const exact = new Set<string>(COMPRESSIBLE);
  const families: string[] = [];
  for (const type of further) {
    const lower = type.trim().toLowerCase();
    if (!/^[^/\s]+\/[^/\s]+$/.test(lower)) {
      throw new CompressionOptionError(`compress-type = ${type}: expected a content type such as application/x-foo`);
    }
    if (lower.endsWith('/*')) families.push(lower.slice(0, -1));
    else exact.add(lower);
  }
  return (contentType) => {
    const semicolon = contentType.indexOf(';');
    const type = (semicolon === -1 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
    return exact.has(type) || COMPRESSIBLE_SHAPE.test(type) || families.some((family) => type.startsWith(family));
  };
}

/** Length of the body, where it is known. */
function lengthOf({ headers }: ResponseHead, completeBody: Uint8Array | undefined): number | undefined {
  if (completeBody !== undefined) return completeBody.length;
  const declared = findHeader(headers, 'content-length');
  return declared === undefined ? undefined : Number(declared);
}
