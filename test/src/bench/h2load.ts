import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { Server } from './row.ts';

export interface H2loadOptions {
  readonly connections: number;
  /** Requests in flight on each. */
  readonly streams: number;
  readonly seconds: number;
}

export interface H2loadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
}

/** Load over HTTP/2. Fails when any answer was not good. */
export async function h2load({ port }: Server, options: H2loadOptions): Promise<H2loadResult> {
  const { connections, streams, seconds } = options;
  const args = ['-t1', `-c${connections}`, `-m${streams}`, `-D${seconds}`, `https://127.0.0.1:${port}/`];
  const { stdout } = await promisify(execFile)('h2load', args);
  const [, done, succeeded, failed] = match(stdout, /^requests: .* (\d+) done, (\d+) succeeded, (\d+) failed/m);
  if (succeeded !== done || failed !== '0')
    throw new Error(`h2load on port ${port}: ${done} done, ${succeeded} succeeded`);
  const [, perSecond] = match(stdout, /^finished in .*, ([\d.]+) req\/s/m);
  return { requests: Number(succeeded), requestsPerSecond: Number(perSecond) };
}

function match(text: string, pattern: RegExp): RegExpExecArray {
  const found = pattern.exec(text);
  if (found === null) throw new Error(`h2load said something else than ${String(pattern)}:\n${text}`);
  return found;
}
