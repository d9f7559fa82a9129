import assert from 'node:assert/strict';

import type { Client } from './rig.test-support.ts';

export interface Answer {
  readonly status: number;
  /** Status line and header lines. */
  readonly head: readonly string[];
  readonly body: string;
}

/** The body of a chunked answer from `start`, and where it ends; undefined while it is not complete. */
function readChunks(text: string, start: number): { body: string; end: number } | undefined {
  let body = '';
  for (let at = start; ;) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(text.slice(at, line), 16);
    const end = line + 2 + size + 2;
    if (text.length < end) return undefined;
    assert.equal(text.slice(end - 2, end), '\r\n');
    body += text.slice(line + 2, end - 2);
    at = end;
    if (size === 0) return { body, end };
  }
}

/**
 * Splits what a client received into answers, by their framing alone.
 * @param isHead says whether the n-th answer is one to HEAD
 * @returns the complete answers; what follows them is `rest`
 */
export function readAnswers(
  text: string,
  isHead: (index: number) => boolean = () => false,
): { answers: Answer[]; rest: string } {
  const answers: Answer[] = [];
  let start = 0;
  for (;;) {
    const blank = text.indexOf('\r\n\r\n', start);
    if (blank < 0) break;
    const head = text.slice(start, blank).split('\r\n');
    const status = Number(/^HTTP\/1\.[01] ([0-9]{3}) /.exec(head[0] ?? '')?.[1]);
    const bodyless = status < 200 || status === 204 || status === 304 || isHead(answers.length);
    const length = head.find((line) => /^content-length:/i.test(line))?.slice(15);
    const chunked = head.includes('Transfer-Encoding: chunked');
    let body = '';
    let end = blank + 4;
    if (!bodyless && chunked) {
      const chunks = readChunks(text, end);
      if (chunks === undefined) break;
      ({ body, end } = chunks);
    } else if (!bodyless) {
      assert.ok(length !== undefined, `an answer without framing: ${text.slice(start)}`);
      body = text.slice(end, end + Number(length));
      end += Number(length);
      if (text.length < end) break;
    }
    answers.push({ status, head, body });
    start = end;
  }
  return { answers, rest: text.slice(start) };
}

/** Waits for so many answers on a connection, and nothing behind them. */
export async function answersOf(client: Client, count: number): Promise<readonly Answer[]> {
  const text = await client.until((received) => readAnswers(received).answers.length >= count);
  const { answers, rest } = readAnswers(text);
  assert.equal(rest, '');
  return answers;
}
