import { Buffer } from 'node:buffer';
import { closeSync } from 'node:fs';

import type { Exchange } from '@emperor/http';

import { type ByteRange, parseRange } from './byte-range.ts';
import type { StoredFile } from './file-store.ts';
import { FileStream, type Segment } from './file-stream.ts';
import { multipart } from './multipart.ts';
import { openInside } from './open-inside.ts';
import { checkPreconditions, ifRangeHolds, type Validators } from './preconditions.ts';

const EMPTY = Buffer.alloc(0);

/** A file, found and checked, with what its answer says about it. Lists of headers are flat. */
export interface FileAnswer {
  readonly file: StoredFile;
  /** Where the file must still lie when it is opened again. */
  readonly roots: readonly string[];
  /** In front of Content-Type. */
  readonly leading: readonly string[];
  readonly contentType: string | undefined;
  /** Between Content-Type and Content-Length. */
  readonly middle: readonly string[];
  /** Behind Last-Modified; these go out with a 304 too. */
  readonly trailing: readonly string[];
  /** Behind those, with the whole file. */
  readonly offers: readonly string[];
  /** Strong entity tag with its quotes; undefined where none is sent. */
  readonly etag: string | undefined;
  readonly honoursRanges: boolean;
  /** What the request line says when a body is sent. */
  readonly via: string;
  /** False: files are read and written (`disable-sendfile`). */
  readonly usesSendfile: boolean;
  /** The header by which the server in front is told to send the file itself (`file-serve-mode`); undefined: we send it. */
  readonly delegate: string | undefined;
}

/** Answers with a file, or the part of it that is asked for. @returns false when it has vanished meanwhile */
export function sendFile(exchange: Exchange, answer: FileAnswer): boolean {
  const { variables } = exchange;
  const validators: Validators = { etag: answer.etag, modifiedSeconds: answer.file.modifiedSeconds };
  const status = checkPreconditions(variables, validators);
  if (status === 304) {
    exchange.respond({ status, reason: 'Not Modified', headers: [...answer.trailing] }, EMPTY);
    return true;
  }
  if (status === 412) {
    exchange.respond({ status, reason: 'Precondition Failed', headers: [] }, EMPTY);
    return true;
  }
  if (answer.delegate !== undefined) {
    sendName(exchange, answer, answer.delegate);
    return true;
  }
  const isHead = variables.get('REQUEST_METHOD') === 'HEAD';
  const range = answer.honoursRanges && !isHead ? variables.get('HTTP_RANGE') : undefined;
  const ranges =
    range !== undefined && ifRangeHolds(variables, validators) ? parseRange(range, answer.file.size) : undefined;
  return ranges === undefined ? sendWhole(exchange, answer, isHead) : sendRanges(exchange, answer, ranges);
}

/** Leaves the file to the server in front. */
function sendName(exchange: Exchange, answer: FileAnswer, header: string): void {
  const { file, contentType, leading, middle, trailing } = answer;
  const type = contentType === undefined ? [] : ['Content-Type', contentType];
  const name = Buffer.from(file.realPath).toString('latin1');
  const headers = [...leading, ...type, ...middle, header, name, 'Last-Modified', file.lastModified, ...trailing];
  exchange.respond({ status: 200, reason: 'OK', headers }, EMPTY);
}

function headersOf(
  answer: FileAnswer,
  length: number,
  contentType: string | undefined,
  contentRange?: string,
): string[] {
  const headers = [...answer.leading];
  if (contentType !== undefined) headers.push('Content-Type', contentType);
  headers.push(...answer.middle, 'Content-Length', String(length));
  if (contentRange !== undefined) headers.push('Content-Range', contentRange);
  headers.push('Last-Modified', answer.file.lastModified, ...answer.trailing);
  return headers;
}

function sendWhole(exchange: Exchange, answer: FileAnswer, isHead: boolean): boolean {
  const { size, body } = answer.file;
  const headers = headersOf(answer, size, answer.contentType);
  headers.push(...answer.offers);
  const head = { status: 200, reason: 'OK', headers };
  if (isHead) {
    exchange.respond(head, EMPTY);
  } else if (body !== undefined) {
    if (size > 0) exchange.record.via = answer.via;
    exchange.respond(head, body);
  } else {
    return stream(exchange, answer, head, [{ start: 0, end: size }]);
  }
  return true;
}

function sendRanges(exchange: Exchange, answer: FileAnswer, ranges: readonly ByteRange[]): boolean {
  const { size } = answer.file;
  const [only] = ranges;
  if (only === undefined) {
    const headers = ['Content-Range', `bytes */${size}`];
    exchange.respond({ status: 416, reason: 'Requested Range Not Satisfiable', headers }, EMPTY);
    return true;
  }
  if (ranges.length === 1) {
    const contentRange = `bytes ${only.start}-${only.end - 1}/${size}`;
    return sendPart(exchange, answer, headersOf(answer, only.end - only.start, answer.contentType, contentRange), [
      only,
    ]);
  }
  const { contentType, segments, length } = multipart(ranges, size, answer.contentType);
  return sendPart(exchange, answer, headersOf(answer, length, contentType), segments);
}

function sendPart(exchange: Exchange, answer: FileAnswer, headers: string[], segments: readonly Segment[]): boolean {
  const head = { status: 206, reason: 'Partial Content', headers };
  const { body } = answer.file;
  if (body === undefined) return stream(exchange, answer, head, segments);
  exchange.record.via = answer.via;
  const parts = segments.map((segment) =>
    Buffer.isBuffer(segment) ? segment : body.subarray(segment.start, segment.end),
  );
  exchange.respond(head, Buffer.concat(parts));
  return true;
}

/** The file is opened again: what is sent must be the file that was looked at. */
function stream(
  exchange: Exchange,
  answer: FileAnswer,
  head: Parameters<Exchange['start']>[0],
  segments: readonly Segment[],
): boolean {
  const opened = openInside(answer.file.realPath, answer.roots);
  if (opened === undefined || 'outside' in opened) return false;
  if (opened.stat.size !== answer.file.size) {
    closeSync(opened.descriptor);
    return false;
  }
  exchange.record.via = answer.via;
  const body = new FileStream(exchange, opened.descriptor, segments, answer.usesSendfile);
  exchange.start(head, body);
  body.begin();
  return true;
}
