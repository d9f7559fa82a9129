import { Buffer } from 'node:buffer';

/** One HTTP answer, in bytes and in parts. */
export interface Answer {
  /** Status line and header lines as sent, with the blank line. */
  readonly head: string;
  readonly statusLine: string;
  readonly status: number;
  /** Names as sent, in order, repeated ones too. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The content, without the framing of chunks. */
  readonly body: Buffer;
  /** All bytes of the answer. */
  readonly raw: Buffer;
  /** True when only the end of the connection told the end of the body. */
  readonly endedByClose: boolean;
}

/** What parsing needs to know beside the bytes. */
export interface AnswerContext {
  /** The request was HEAD: there is no body, whatever the headers say. */
  readonly isHead: boolean;
  /** The connection has ended: nothing will follow. */
  readonly atEnd: boolean;
}

interface Body {
  readonly content: Buffer;
  readonly end: number;
  readonly endedByClose: boolean;
}

/**
 * Reads the first answer of `bytes`, strictly: a test wants to hear about a stray blank.
 * @returns undefined when more bytes are needed
 */
export function parseAnswer(bytes: Buffer, context: AnswerContext): Answer | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n') + 4;
  if (headEnd < 4) return undefined;
  const head = bytes.toString('latin1', 0, headEnd);
  const [statusLine = '', ...lines] = head.slice(0, -4).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(statusLine)?.[1]);
  if (!(status >= 100)) throw new Error(`not a status line: ${JSON.stringify(statusLine)}`);
  const headers = lines.map(parseHeader);
  const body = readBody(bytes, headEnd, bodyless(status, context) ? [['content-length', '0']] : headers, context);
  if (body === undefined) return undefined;
  const { content, end, endedByClose } = body;
  return { head, statusLine, status, headers, body: content, raw: bytes.subarray(0, end), endedByClose };
}

/** Header of an answer by name; several are joined by `, `. */
export function header(answer: Pick<Answer, 'headers'>, name: string): string | undefined {
  const values = answer.headers
    .filter(([known]) => known.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(', ');
}

function bodyless(status: number, context: AnswerContext): boolean {
  return context.isHead || status < 200 || status === 204 || status === 304;
}

function parseHeader(line: string): readonly [string, string] {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?(.*)$/.exec(line);
  if (match === null) throw new Error(`not a header line: ${JSON.stringify(line)}`);
  return [match[1] ?? '', match[2] ?? ''];
}

function readBody(bytes: Buffer, start: number, headers: Answer['headers'], context: AnswerContext): Body | undefined {
  if (header({ headers }, 'transfer-encoding') === 'chunked') return readChunks(bytes, start);
  const length = header({ headers }, 'content-length');
  if (length === undefined) {
    return context.atEnd ? { content: bytes.subarray(start), end: bytes.length, endedByClose: true } : undefined;
  }
  if (!/^\d+$/.test(length)) throw new Error(`not a length: ${length}`);
  const end = start + Number(length);
  return bytes.length < end ? undefined : { content: bytes.subarray(start, end), end, endedByClose: false };
}

function readChunks(bytes: Buffer, start: number): Body | undefined {
  const chunks: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = bytes.toString('latin1', at, lineEnd);
    if (!/^[0-9a-fA-F]+$/.test(size)) throw new Error(`not the size of a chunk: ${JSON.stringify(size)}`);
    const dataEnd = lineEnd + 2 + Number.parseInt(size, 16);
    if (bytes.length < dataEnd + 2) return undefined;
    if (bytes.toString('latin1', dataEnd, dataEnd + 2) !== '\r\n')
      throw new Error(`no line end behind a chunk of ${size}`);
    if (dataEnd === lineEnd + 2) return { content: Buffer.concat(chunks), end: dataEnd + 2, endedByClose: false };
    chunks.push(bytes.subarray(lineEnd + 2, dataEnd));
    at = dataEnd + 2;
  }
}
