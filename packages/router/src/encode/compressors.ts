import type { Transform } from 'node:stream';
import type { InputType } from 'node:zlib';

import type { Encoding } from './encoding.ts';

type Zlib = typeof import('node:zlib');

/** A stream of the library. It pushes out what it holds behind each write. */
export type CompressionStream = Transform;

/** The compressor of one encoding. */
export interface Compressor {
  /** A stream, for a body whose end is not known. */
  createStream(): CompressionStream;
  compressSync(body: InputType): Uint8Array;
  compress(body: InputType, done: (error: Error | null, output: Uint8Array) => void): void;
}

/**
 * Levels for bodies that are made anew for each request: the point from where more time saves little space. gzip has that of zlib
 * itself, which `compress-level` changes.
 */
const DEFAULT_GZIP_LEVEL = 6;
const BROTLI_QUALITY = 4;
const ZSTD_LEVEL = 3;
/** How far back these two look, as a power of two: what they would take by themselves is megabytes for each answer under way. */
const WINDOW_BITS = 18;
/** Output of bodies that are compressed in one go is made in pieces of this size, each a job of its own for a thread. */
const WHOLE_CHUNK_BYTES = 65_536;

const compressors = new Map<string, Compressor>();

/** The compressor of an encoding. zlib is loaded when the first answer needs it. */
export function compressorOf(encoding: Encoding, gzipLevel: number = DEFAULT_GZIP_LEVEL): Compressor {
  const key = `${encoding} ${gzipLevel}`;
  let compressor = compressors.get(key);
  if (compressor === undefined) {
    compressor = create(process.getBuiltinModule('node:zlib'), encoding, gzipLevel);
    compressors.set(key, compressor);
  }
  return compressor;
}

function create(zlib: Zlib, encoding: Encoding, gzipLevel: number): Compressor {
  switch (encoding) {
    case 'zstd':
      return createZstd(zlib);
    case 'br':
      return createBrotli(zlib);
    default:
      return createGzip(zlib, gzipLevel);
  }
}

function createGzip(zlib: Zlib, level: number): Compressor {
  const options = { level, chunkSize: WHOLE_CHUNK_BYTES };
  const streamOptions = { level, flush: zlib.constants.Z_SYNC_FLUSH };
  return {
    createStream: () => zlib.createGzip(streamOptions),
    compressSync: (body) => zlib.gzipSync(body, options),
    compress: (body, done) => {
      zlib.gzip(body, options, done);
    },
  };
}

function createBrotli(zlib: Zlib): Compressor {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_OPERATION_FLUSH } = zlib.constants;
  const params = { [BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [BROTLI_PARAM_LGWIN]: WINDOW_BITS };
  const options = { params, chunkSize: WHOLE_CHUNK_BYTES };
  return {
    createStream: () => zlib.createBrotliCompress({ params, flush: BROTLI_OPERATION_FLUSH }),
    compressSync: (body) => zlib.brotliCompressSync(body, options),
    compress: (body, done) => {
      zlib.brotliCompress(body, options, done);
    },
  };
}

function createZstd(zlib: Zlib): Compressor {
  const { ZSTD_c_compressionLevel, ZSTD_c_windowLog, ZSTD_e_flush } = zlib.constants;
  const params = { [ZSTD_c_compressionLevel]: ZSTD_LEVEL, [ZSTD_c_windowLog]: WINDOW_BITS };
  const options = { params, chunkSize: WHOLE_CHUNK_BYTES };
  return {
    createStream: () => zlib.createZstdCompress({ params, flush: ZSTD_e_flush }),
    compressSync: (body) => zlib.zstdCompressSync(body, options),
    compress: (body, done) => {
      zlib.zstdCompress(body, options, done);
    },
  };
}
