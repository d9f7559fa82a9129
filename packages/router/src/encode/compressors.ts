import type { Compressor } from './zlib-encoder.ts';

let gzip: Compressor | undefined;

/** gzip at zlib's usual level. The library is loaded when the first answer needs it. */
export function gzipCompressor(): Compressor {
  return (gzip ??= loadGzip());
}

function loadGzip(): Compressor {
  const zlib = process.getBuiltinModule('node:zlib');
  return {
    createStream: () => zlib.createGzip(),
    compressSync: (body) => zlib.gzipSync(body),
    compress: (body, done) => {
      zlib.gzip(body, done);
    },
    flushKind: zlib.constants.Z_SYNC_FLUSH,
  };
}
