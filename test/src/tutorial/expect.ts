import assert from 'node:assert/strict';
import type { Buffer } from 'node:buffer';

import type { Answer } from '../rig/answer.ts';
import type { Program } from '../rig/program.ts';

/**
 * Headers that say how an answer travels. uWSGI's http-socket sends none of them (it closes after every answer); we may, since we keep
 * connections open (DESIGN 4.11). They count only where a test names them.
 */
const framing = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'vary']);

export interface ExpectedAnswer {
  readonly statusLine: string;
  /** Header lines in order, as `Name: value`. */
  readonly headers: readonly string[];
  readonly body: Buffer | string;
}

/** Fails unless the answer is the expected one, framing aside. */
export function assertAnswer(answer: Answer, expected: ExpectedAnswer): void {
  assert.deepEqual(
    {
      statusLine: answer.statusLine,
      headers: relevantHeaders(answer, expected.headers),
      body: answer.body.toString('latin1'),
    },
    { ...expected, body: expected.body.toString('latin1') },
  );
}

function relevantHeaders(answer: Answer, expected: readonly string[]): string[] {
  const named = new Set(expected.map((line) => line.slice(0, line.indexOf(':')).toLowerCase()));
  return answer.headers
    .filter(([name]) => named.has(name.toLowerCase()) || !framing.has(name.toLowerCase()))
    .map(([name, value]) => `${name}: ${value}`);
}

export interface ExpectedRequestLine {
  /** `GET /base.css`. */
  readonly request: string;
  readonly protocol?: string;
  /** -1 where no app was called. */
  readonly app: number;
  /** `1/1`: of the app in this worker, of the instance. */
  readonly requests: string;
  /** The request's variables, where the test knows them all: uWSGI counts names and values, and the bytes of their block. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly generated: number;
  readonly via?: string;
  readonly status: number;
  /** `1 headers in 44 bytes`. */
  readonly headers: string;
  readonly switches: number;
}

/** uWSGI's request line (UWSGI-FACTS 8.1). Group 1 is the pid. */
export function requestLine(expected: ExpectedRequestLine): RegExp {
  const { app, requests, generated, status, switches } = expected;
  const via = expected.via === undefined ? '' : ` via ${expected.via}`;
  const date = /[A-Z][a-z]{2} [A-Z][a-z]{2} [ 123]\d \d\d:\d\d:\d\d \d{4}/.source;
  return new RegExp(
    [
      String.raw`^\[pid: (\d+)\|app: ${app}\|req: ${requests}\] 127\.0\.0\.1 \(\) ${variablesPart(expected.variables)} \[${date}\] `,
      literally(`${expected.request} => generated ${generated} bytes`),
      String.raw` in \d+ msecs`,
      literally(
        `${via} (${expected.protocol ?? 'HTTP/1.1'} ${status}) ${expected.headers} (${switches} switches on core `,
      ),
      String.raw`\d+\)$`,
    ].join(''),
  );
}

function variablesPart(variables: Readonly<Record<string, string>> | undefined): string {
  if (variables === undefined) return String.raw`\{\d+ vars in \d+ bytes\}`;
  const entries = Object.entries(variables);
  const bytes = entries.reduce((sum, [name, value]) => sum + 4 + name.length + value.length, 0);
  return String.raw`\{${entries.length * 2} vars in ${bytes} bytes\}`;
}

function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}

export const masterSpawned: RegExp = /^spawned uWSGI master process \(pid: (\d+)\)$/;
export const workerSpawned: RegExp = /^spawned uWSGI worker (\d+) \(pid: (\d+), cores: (\d+)\)$/;
export const routerSpawned: RegExp = /^spawned uWSGI http 1 \(pid: (\d+)\)$/;

/** Fails unless the process a log line tells of runs, at or below the program. */
export function assertRuns(program: Program, pid: string | undefined): void {
  const pids = program.tree().map((entry) => String(entry.pid));
  assert.ok(pid !== undefined && pids.includes(pid), `process ${pid} is not one of ${pids.join(' ')}`);
}
