import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { Server } from './row.ts';

export interface WrkOptions {
  readonly connections: number;
  readonly seconds: number;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A Lua script that makes the requests; its directory is the working directory. */
  readonly script?: string;
  /** Answers that are no 2xx are what is asked for. */
  readonly expectsErrors?: boolean;
}

export interface WrkResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** 99th percentile of the latency. */
  readonly p99Ms: number;
}

const FAILED = /^ +Socket errors: (?:connect [1-9]|.*timeout [1-9]).*$/m;
const FAILED_OR_REFUSED = /^ +(?:Socket errors: (?:connect [1-9]|.*timeout [1-9])|Non-2xx).*$/m;

const msPerUnit: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

/** Load from one thread of wrk. Fails when any answer was not good: figures of a server that fails are worth nothing. */
export async function wrk({ port, secure }: Pick<Server, 'port' | 'secure'>, options: WrkOptions): Promise<WrkResult> {
  const headers = Object.entries(options.headers ?? {}).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const args = ['-t1', `-c${options.connections}`, `-d${options.seconds}s`, '--latency', ...headers];
  if (options.script !== undefined) args.push('-s', options.script);
  const { stdout } = await promisify(execFile)('wrk', [
    ...args,
    `${secure === true ? 'https' : 'http'}://127.0.0.1:${port}${options.path ?? '/'}`,
  ]);
  const problem = (options.expectsErrors === true ? FAILED : FAILED_OR_REFUSED).exec(stdout)?.[0];
  if (problem !== undefined) throw new Error(`wrk on port ${port}: ${problem.trim()}`);
  const [, value, unit = ''] = match(stdout, /^ +99% +([\d.]+)(us|ms|s|m) *$/m);
  return {
    requests: Number(match(stdout, /^ +(\d+) requests in/m)[1]),
    requestsPerSecond: Number(match(stdout, /^Requests\/sec: +([\d.]+)$/m)[1]),
    p99Ms: Number(value) * (msPerUnit[unit] ?? Number.NaN),
  };
}

function match(text: string, pattern: RegExp): RegExpExecArray {
  const found = pattern.exec(text);
  if (found === null) throw new Error(`wrk said something else than ${String(pattern)}:\n${text}`);
  return found;
}
