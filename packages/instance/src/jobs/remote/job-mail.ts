import { Buffer } from 'node:buffer';

import type { RemoteJob } from './remote-job.ts';

/** A process reads its mail in pieces of this size. */
const PIECE_BYTES = 49_152;

/**
 * A job as its process gets it, cut into pieces:
 *
 *     0  u32  length of the JSON, little-endian
 *     4  …    JSON with `name`, `vars` and `hasBody`
 *        …    the body
 */
export function jobMail({ name, data: { vars } }: RemoteJob, body: Buffer | undefined): readonly Buffer[] {
  const head = Buffer.from(JSON.stringify({ name, vars, hasBody: body !== undefined }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  return [...cut(Buffer.concat([length, head])), ...(body === undefined ? [] : cut(body))];
}

function cut(whole: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length; at += PIECE_BYTES) pieces.push(whole.subarray(at, at + PIECE_BYTES));
  return pieces;
}
